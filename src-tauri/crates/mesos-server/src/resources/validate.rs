//! What is wrong with resources as a client sent them, in the real one's words.

use serde_json::Value as Json;

use crate::wire::framework::role_fault;

/// What is wrong with a list of resources.
pub fn faults(resources: &Json) -> Option<String> {
    let all = resources.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find_map(|one| fault(one).map(|why| format!("Resource '{}' is invalid: {why}", shown(one))))
}

/// A resource in words, as far as it can be read.
fn shown(resource: &Json) -> String {
    serde_json::from_value::<super::wire::WireResource>(resource.clone())
        .ok()
        .and_then(|wire| super::Resource::try_from(wire).ok())
        .map_or_else(|| format!("{}:", resource["name"].as_str().unwrap_or_default()), |resource| resource.to_string())
}

/// What is wrong with one.
pub fn fault(resource: &Json) -> Option<String> {
    let has = |field: &str| resource.get(field).is_some();
    if resource["name"].as_str().unwrap_or_default().is_empty() {
        return Some("Empty resource name".into());
    }
    let fault = match resource["type"].as_str().unwrap_or("SCALAR") {
        "SCALAR" if !has("scalar") || has("ranges") || has("set") => Some("Invalid scalar resource".to_owned()),
        "SCALAR" => {
            let value = resource["scalar"]["value"].as_f64().unwrap_or_default();
            (value < 0.0 || value != 0.0 && (value * 1000.0).round() <= 0.0)
                .then(|| "Invalid scalar resource: value <= 0".to_owned())
        }
        "RANGES" if has("scalar") || !has("ranges") || has("set") => Some("Invalid ranges resource".to_owned()),
        "RANGES" => ranges_fault(&resource["ranges"]),
        "SET" if has("scalar") || has("ranges") || !has("set") => Some("Invalid set resource".to_owned()),
        "SET" => {
            let items = resource["set"]["item"].as_array().map(Vec::as_slice).unwrap_or_default();
            let twice = items.iter().enumerate().any(|(n, item)| items[n + 1..].contains(item));
            twice.then(|| "Invalid set resource: duplicated elements".to_owned())
        }
        _ => Some("Unsupported resource type".to_owned()),
    };
    fault.or_else(|| disk_fault(resource)).or_else(|| reservation_fault(resource))
}

fn ranges_fault(ranges: &Json) -> Option<String> {
    let all = ranges["range"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut pairs: Vec<_> =
        all.iter().map(|r| (r["begin"].as_u64().unwrap_or_default(), r["end"].as_u64().unwrap_or_default())).collect();
    if pairs.iter().any(|(begin, end)| begin > end) {
        return Some("Invalid ranges resource: begin > end".into());
    }
    pairs.sort_unstable();
    let overlap = pairs.windows(2).any(|two| two[1].0 <= two[0].1);
    overlap.then(|| "Invalid ranges resource: overlapping ranges".into())
}

fn disk_fault(resource: &Json) -> Option<String> {
    let disk = resource.get("disk")?;
    let name = resource["name"].as_str().unwrap_or_default();
    if name != "disk" {
        return Some(format!("DiskInfo should not be set for {name} resource"));
    }
    let source = disk.get("source")?;
    let kind = source["type"].as_str().unwrap_or_default();
    match kind {
        "BLOCK" | "RAW" if source.get("mount").is_some() => {
            Some(format!("Mount should not be set for {kind} disk source"))
        }
        "BLOCK" | "RAW" if source.get("path").is_some() => {
            Some(format!("Path should not be set for {kind} disk source"))
        }
        "UNKNOWN" => Some("Unsupported 'DiskInfo.Source.Type' in 'UNKNOWN'".into()),
        _ => None,
    }
}

fn reservation_fault(resource: &Json) -> Option<String> {
    let old = resource.get("reservation");
    let role = resource.get("role").and_then(Json::as_str);
    let all = resource.get("reservations").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(first) = all.first() else { return old_reservation_fault(role.unwrap_or("*"), old) };
    let role_of = |reservation: &Json| reservation["role"].as_str().unwrap_or_default().to_owned();
    for reservation in all {
        for field in ["type", "role"] {
            if reservation.get(field).is_none() {
                return Some(format!("Invalid reservation: 'Resource.ReservationInfo.{field}' field must be set."));
            }
        }
        if let Some(fault) = role_fault(&role_of(reservation)) {
            return Some(fault);
        }
        if reservation["role"] == "*" {
            return Some("Invalid reservation: role \"*\" cannot be reserved".into());
        }
    }
    for two in all.windows(2) {
        if two[1]["type"] == "STATIC" {
            return Some("Invalid refined reservation: A refined reservation cannot be STATIC".into());
        }
        let (ancestor, descendant) = (role_of(&two[0]), role_of(&two[1]));
        if !super::covers(&ancestor, &descendant) || ancestor == descendant {
            return Some(format!(
                "Invalid refined reservation: role '{descendant}' is not a refinement of '{ancestor}'"
            ));
        }
    }
    if all.len() > 1 {
        return None;
    }
    match role {
        Some(role) if role != role_of(first) => Some(format!(
            "Invalid resource format: 'Resource.role' field with '{role}' does not match the role '{}' in 'Resource.reservations'",
            role_of(first)
        )),
        _ if first["type"] == "STATIC" && old.is_some() => Some(
            "Invalid resource format: 'Resource.reservation' must not be set if the single reservation in \
             'Resource.reservations' is STATIC"
                .into(),
        ),
        _ => None,
    }
}

fn old_reservation_fault(role: &str, reservation: Option<&Json>) -> Option<String> {
    if let Some(fault) = role_fault(role) {
        return Some(fault);
    }
    let reservation = reservation?;
    for field in ["type", "role"] {
        if reservation.get(field).is_some() {
            return Some(format!(
                "'Resource.ReservationInfo.{field}' must not be set for the 'Resource.reservation' field"
            ));
        }
    }
    (role == "*").then(|| "Invalid reservation: role \"*\" cannot be dynamically reserved".into())
}

/// GPUs are whole.
pub fn gpus_fault(resources: &super::Resources) -> Option<String> {
    (resources.scalar("gpus") % 1000 != 0).then(|| "The 'gpus' resource must be an unsigned integer".into())
}
