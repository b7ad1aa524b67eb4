//! What Vagrant reads, and what it runs on the machines when a person asks for it.

use minijinja::{Value, context};
use plan::{ClusterPlan, Provider};

use super::Draft;
use crate::template::fill;

pub fn render(plan: &ClusterPlan, draft: &mut Draft) {
    draft.shared("Vagrantfile", fill("vagrant/Vagrantfile.j2", values(plan)));
    draft.shared("ssh_config", fill("vagrant/ssh_config.j2", values(plan)));
    draft.shared_script("provision/files.sh", include_str!("../../templates/provision/files.sh"));
    draft.shared_script("provision/software.sh", include_str!("../../templates/provision/software.sh"));
    draft.shared_script("provision/services.sh", include_str!("../../templates/provision/services.sh"));
}

fn values(plan: &ClusterPlan) -> Value {
    context! {
        name => plan.name.as_str(),
        practice => plan.provider == Provider::Practice,
        libvirt => plan.provider == Provider::Libvirt,
        docker => plan.provider == Provider::Docker,
        provider => provider(plan.provider),
        image => image(plan),
        netmask => plan.network.cidr.netmask().to_string(),
        nodes => nodes(plan),
    }
}

/// The provider's name to Vagrant. A practice cluster's Vagrantfile shows it as it would be with VirtualBox.
pub fn provider(provider: Provider) -> &'static str {
    match provider {
        Provider::Practice | Provider::VirtualBox => "virtualbox",
        Provider::Libvirt => "libvirt",
        Provider::Docker => "docker",
    }
}

fn image(plan: &ClusterPlan) -> Value {
    let image = &plan.image;
    // Vagrant knows versions of boxes that it finds in a catalogue; for a file it refuses to be told one.
    let is_file = image.url.as_deref().is_some_and(|url| url.ends_with(".box"));
    context! {
        name => image.name.as_str(),
        url => image.url.as_deref(),
        checksum => image.checksum.as_deref(),
        version => image.version.as_deref().filter(|_| !is_file),
    }
}

fn nodes(plan: &ClusterPlan) -> Vec<Value> {
    let each = |n: &plan::Node| {
        context! { name => n.name.as_str(), address => n.address.to_string(), cpus => n.cpus, memory_mb => n.memory_mb }
    };
    plan.nodes.iter().map(each).collect()
}
