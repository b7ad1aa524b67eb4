//! This computer: what a plan must fit on, and which providers can be used.

use std::thread::available_parallelism;

use plan::Provider;
use protocol::{Host, ProviderView};
use words::{Lang, text};

/// Processors and memory of this computer.
pub fn host() -> Host {
    let memory = sysinfo::System::new().map(|mut system| {
        system.refresh_memory();
        (system.total_memory() / (1 << 20)) as u32
    });
    Host {
        cpus: available_parallelism().map_or(1, |n| n.get() as u32),
        // A system that does not say how much it has stands in no plan's way.
        memory_mb: memory.unwrap_or(u32::MAX),
    }
}

/// The system's language, by the locale's variables in the order in which POSIX reads them.
pub fn system_lang() -> Lang {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
    locale.map_or(Lang::En, |locale| Lang::of_locale(&locale))
}

/// A provider's name as its makers write it.
pub fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Practice => "practice",
        Provider::VirtualBox => "VirtualBox",
        Provider::Libvirt => "libvirt",
        Provider::Docker => "Docker",
    }
}

/// The providers, practice first, each with whether this version drives it.
pub fn providers() -> Vec<ProviderView> {
    let practice = ProviderView {
        provider: Provider::Practice,
        usable: true,
        note: text!(
            "Simulated machines with real protocols. Nothing to install, starts in a second.",
            "Machines simulées, vrais protocoles. Rien à installer, prêtes en une seconde."
        ),
    };
    let real = [Provider::VirtualBox, Provider::Libvirt, Provider::Docker].map(|provider| {
        let name = provider_name(provider);
        ProviderView {
            provider,
            usable: false,
            note: text!(
                "Plan it and export the files; this version does not start {name} machines itself.",
                "Planifiez et exportez les fichiers ; cette version ne démarre pas elle-même de machines {name}."
            ),
        }
    });
    std::iter::once(practice).chain(real).collect()
}
