//! Attributes of agents: what Mesos and a shell take without quotes.

use words::text;

use super::{Finding, shown};
use crate::{ClusterPlan, Edit};

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let agents = plan.nodes.iter().enumerate().filter_map(|(n, node)| Some((n, node.roles.agent.as_ref()?)));
    let attributes = agents.flat_map(|(n, agent)| agent.attributes.iter().map(move |(name, value)| (n, name, value)));
    attributes.filter_map(|(n, name, value)| one(n, name, value)).collect()
}

fn is_name(text: &str) -> bool {
    let inside = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    inside && text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Mesos's text values: `attributes.proto` and its parser, which gives `:`, `;`, `{}`, `[]`, `()` and `,` other meanings.
fn is_value(text: &str) -> bool {
    (1..=63).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_/.-".contains(&b))
}

fn one(node: usize, name: &str, value: &str) -> Option<Finding> {
    let path = format!("nodes[{node}].roles.agent.attributes.{name}");
    if !is_name(name) {
        let shown = shown(name);
        let text = text!(
            "“{shown}” can’t be an attribute’s name: it takes letters, digits, “_”, “.” and “-”, a letter first.",
            "« {shown} » ne peut pas nommer un attribut : il faut des lettres, chiffres, « _ », « . » et « - », une lettre d’abord."
        );
        let remove = Edit::Attribute { node, name: name.into(), value: None };
        return Some(Finding::error(path, "attribute-name", text).fix(text!("Remove it", "Le retirer"), [remove]));
    }
    if is_value(value) {
        return None;
    }
    let (shown, name_shown) = (shown(value), shown(name));
    let text = text!(
        "“{shown}” can’t be the value of “{name_shown}”: it takes letters, digits, “_”, “/”, “.” and “-”.",
        "« {shown} » ne peut pas être la valeur de « {name_shown} » : il faut des lettres, chiffres, « _ », « / », « . » et « - »."
    );
    let tidy: String =
        value.chars().take(63).map(|c| if c.is_ascii_alphanumeric() || "_/.-".contains(c) { c } else { '-' }).collect();
    let tidy = if tidy.is_empty() { None } else { Some(tidy) };
    let label = match &tidy {
        Some(tidy) => text!("Use “{tidy}”", "Utiliser « {tidy} »"),
        None => text!("Remove it", "Le retirer"),
    };
    let edit = Edit::Attribute { node, name: name.into(), value: tidy };
    Some(Finding::error(path, "attribute-value", text).fix(label, [edit]))
}
