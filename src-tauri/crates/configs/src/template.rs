//! The templates: every rendered file has its own, under `templates/`.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::quote;

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),+]
    };
}

/// Those with something to fill in.
const TEMPLATES: [(&str, &str); 15] = templates![
    "guide/README.en.md.j2",
    "guide/README.fr.md.j2",
    "machine/hosts.j2",
    "mesos/mesos-agent.service.j2",
    "mesos/mesos-master.service.j2",
    "scheduler/marathon.env.j2",
    "scheduler/marathon.service.j2",
    "scheduler/pacer.service.j2",
    "vagrant/MANIFEST.tsv.j2",
    "vagrant/Vagrantfile.j2",
    "vagrant/ssh_config.j2",
    "zookeeper/java.env.j2",
    "zookeeper/zoo.cfg.j2",
    "zookeeper/zookeeper-client.j2",
    "zookeeper/zookeeper-server.service.j2",
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_syntax(syntax());
    env.add_filter("ruby", |text: &str| quote::ruby(text));
    env.add_filter("bash", |text: &str| quote::bash(&quote::one_line(text)));
    env.add_filter("comment", |text: &str| quote::one_line(text));
    env.add_filter("code", |text: &str| quote::code(text));
    env.add_filter("host", |text: &str| quote::host(text));
    env.add_filter("segment", |text: &str| quote::segment(text));
    env.add_filter("description", |text: &str| quote::description(text));
    for (name, source) in TEMPLATES {
        env.add_template(name, source).expect("the program's own templates are well-formed: tests render each");
    }
    env
}

/// A line that holds a tag alone leaves nothing behind; everything else stays as it is written.
fn syntax() -> SyntaxConfig {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    syntax.expect("the ordinary delimiters are well-formed")
}

/// Fills a template. Templates are part of the program, and strict: one that asks for what it is not given is found by
/// the tests, which render each of them.
pub fn fill(name: &str, values: Value) -> String {
    let template = ENVIRONMENT.get_template(name).expect("every template is in the list");
    template.render(values).expect("every template is given what it asks for")
}
