//! Constraints. Source: `SchedulingValidation.scala` of Marathon 1.11.

use super::Violation;
use crate::{AppDefinition, Constraint, Operator};

pub(super) fn check(app: &AppDefinition) -> Vec<Violation> {
    let constraints = app.constraints().iter().enumerate();
    constraints
        .filter_map(|(n, c)| one(c).err().map(|message| Violation::new(format!("/constraints({n})"), message)))
        .collect()
}

fn one(constraint: &Constraint) -> Result<(), &'static str> {
    if !(2..=3).contains(&constraint.0.len()) {
        return Err("Each constraint must have either 2 or 3 fields");
    }
    if constraint.attribute().is_empty() {
        return Err("illegal constraint specification");
    }
    let operator = constraint
        .operator()
        .ok_or("operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS")?;
    // Marathon itself answers an empty value where there is none, so an empty one is none.
    value(operator, constraint.value())
}

fn value(operator: Operator, value: Option<&str>) -> Result<(), &'static str> {
    let number = value.map(|v| v.parse::<i32>().is_ok());
    let regex = value.map(is_regex);
    match operator {
        Operator::Unique if value.is_some() => Err("UNIQUE does not accept a value"),
        Operator::GroupBy if number == Some(false) => {
            Err("GROUP BY must define an integer value or else no value at all")
        }
        Operator::MaxPer if number != Some(true) => Err("MAX_PER requires an integer value"),
        Operator::Like | Operator::Unlike if regex.is_none() => {
            Err("LIKE and UNLIKE require a non-empty, regular expression value")
        }
        Operator::Like | Operator::Unlike if regex == Some(false) => Err("is not a valid regular expression"),
        Operator::Is if !value.is_none_or(is_literal) => Err(
            "IS only supports Mesos text and float values (see http://mesos.apache.org/documentation/latest/attributes-resources/)",
        ),
        _ => Ok(()),
    }
}

/// A Mesos text or number.
fn is_literal(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_/.-".contains(&b))
}

/// Whether a text can be a regular expression at all: every bracket is closed, nothing is repeated that is not there.
/// Marathon's own (Java's) has the last word.
fn is_regex(text: &str) -> bool {
    let (mut open, mut class, mut escaped, mut repeatable) = (0_usize, false, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => (escaped, repeatable) = (false, true),
            '\\' => escaped = true,
            ']' if class => (class, repeatable) = (false, true),
            _ if class => {}
            '[' => class = true,
            '(' => (open, repeatable) = (open + 1, false),
            ')' if open == 0 => return false,
            ')' => (open, repeatable) = (open - 1, true),
            // After `(` a `?` begins a group's options.
            '*' | '+' if !repeatable => return false,
            '?' if !repeatable && open == 0 => return false,
            '|' => repeatable = false,
            _ => repeatable = true,
        }
    }
    open == 0 && !class && !escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Result<(), &'static str> {
        one(&Constraint(words.iter().map(|w| (*w).to_owned()).collect()))
    }

    #[test]
    fn marathons_own_examples_pass() {
        for good in [
            &["hostname", "UNIQUE"][..],
            &["hostname", "UNIQUE", ""],
            &["hostname", "CLUSTER", "srv2"],
            &["rack", "CLUSTER"],
            &["rack", "GROUP_BY"],
            &["rack", "GROUP_BY", "3"],
            &["rack", "LIKE", "rack-[1-3]"],
            &["rack", "UNLIKE", "(a|b)+\\("],
            &["rack", "MAX_PER", "2"],
            &["rack", "IS", "r1"],
        ] {
            assert_eq!(words(good), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn others_are_refused_for_their_reason() {
        for (bad, reason) in [
            (&["hostname"][..], "2 or 3 fields"),
            (&["a", "IS", "b", "c"], "2 or 3 fields"),
            (&["", "UNIQUE"], "illegal"),
            (&["rack", "EQUALS", "r1"], "operator must be one of"),
            (&["rack", "UNIQUE", "r1"], "does not accept"),
            (&["rack", "GROUP_BY", "many"], "GROUP BY"),
            (&["rack", "MAX_PER"], "MAX_PER"),
            (&["rack", "LIKE"], "LIKE and UNLIKE"),
            (&["rack", "LIKE", "r[1"], "regular expression"),
            (&["rack", "UNLIKE", "*"], "regular expression"),
            (&["rack", "IS", "{a,b}"], "IS only"),
        ] {
            assert!(words(bad).is_err_and(|e| e.contains(reason)), "{bad:?}");
        }
    }
}
