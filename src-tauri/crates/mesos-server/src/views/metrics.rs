//! Metrics in the form of either API, and those of the machine itself.

use std::collections::BTreeMap;

use serde::Serialize;

use super::One;
use crate::wire::recordio;

/// What the machine says about itself.
pub fn system(metrics: &mut BTreeMap<String, f64>) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let load = read("/proc/loadavg");
    for (name, value) in ["system/load_1min", "system/load_5min", "system/load_15min"].into_iter().zip(load.split(' '))
    {
        metrics.insert(name.into(), value.parse().unwrap_or_default());
    }
    let memory = read("/proc/meminfo");
    let kilobytes = |key: &str| -> f64 {
        let line = memory.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
    };
    metrics.insert("system/mem_total_bytes".into(), kilobytes("MemTotal:") * 1024.0);
    metrics.insert("system/mem_free_bytes".into(), kilobytes("MemFree:") * 1024.0);
    metrics.insert("system/cpus_total".into(), std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64));
}

/// `GET_METRICS` of anyone.
pub fn answer(metrics: BTreeMap<String, f64>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Metric {
        name: String,
        value: f64,
    }
    let metrics: Vec<_> = metrics.into_iter().map(|(name, value)| Metric { name, value }).collect();
    super::answer("GET_METRICS", &One { name: "metrics", of: metrics })
}

/// `/system/stats.json`, of this machine.
pub fn system_stats() -> Vec<u8> {
    let mut metrics = BTreeMap::new();
    system(&mut metrics);
    let get = |name: &str| metrics.get(name).copied().unwrap_or_default();
    #[derive(Serialize)]
    struct Stats {
        avg_load_15min: f64,
        avg_load_1min: f64,
        avg_load_5min: f64,
        cpus_total: u64,
        mem_free_bytes: u64,
        mem_total_bytes: u64,
    }
    recordio::json(&Stats {
        avg_load_15min: get("system/load_15min"),
        avg_load_1min: get("system/load_1min"),
        avg_load_5min: get("system/load_5min"),
        cpus_total: get("system/cpus_total") as u64,
        mem_free_bytes: get("system/mem_free_bytes") as u64,
        mem_total_bytes: get("system/mem_total_bytes") as u64,
    })
}
