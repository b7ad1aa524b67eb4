//! Every decoder takes whatever comes: a million spoilt inputs, the same ones each time, none of which may panic or grow.

use serde_json::{Value, json};

use super::MessageType;
use crate::{
    http::{Query, decode, parse_json},
    resources::{Resources, faults, parse},
    wire::call::Action,
};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Spoils bytes in a few places: flips, cuts, doubles, and puts in what parsers stumble over.
fn spoil(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    const STONES: [&[u8]; 14] = [
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x80",
        b"\0",
        b"{",
        b"[",
        b"\"",
        b"\\u",
        b"1e999",
        b"-1",
        b"null",
        b"%",
        b"&=",
        b"18446744073709551615",
        b"\n",
    ];
    let mut output = input.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(output.len() + 1);
        match dice.roll(5) {
            0 => output.truncate(at),
            1 if at < output.len() => output[at] ^= 1 << dice.roll(8),
            2 if at < output.len() => drop(output.remove(at)),
            3 => {
                let end = (at + dice.roll(40)).min(output.len());
                let copy = output[at.min(end)..end].to_vec();
                output.splice(at..at, copy);
            }
            _ => drop(output.splice(at..at, STONES[dice.roll(STONES.len())].iter().copied())),
        }
    }
    output
}

fn seeds() -> Vec<(MessageType, Value)> {
    let of = |name: &str, value: Value| (MessageType::named(name), value);
    let disk = json!({"name": "disk", "type": "SCALAR", "scalar": {"value": 5}, "reservations": [{"type": "DYNAMIC", "role": "a/b"}],
        "disk": {"persistence": {"id": "v"}, "volume": {"container_path": "p", "mode": "RW"}}});
    vec![
        of(
            "scheduler.Call",
            json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": {"user": "u", "name": "n",
            "roles": ["a", "b/c"], "capabilities": [{"type": "MULTI_ROLE"}], "failover_timeout": 1.5}}}),
        ),
        of(
            "scheduler.Call",
            json!({"type": "ACCEPT", "framework_id": {"value": "f"}, "accept": {"offer_ids": [{"value": "o"}],
            "operations": [{"type": "LAUNCH", "launch": {"task_infos": [{"name": "t", "task_id": {"value": "t"}, "agent_id": {"value": "a"},
            "resources": [disk, {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 1, "end": 9}]}}],
            "limits": {"cpus": {"value": 1}}, "health_check": {"type": "HTTP", "http": {"port": 80}}}]}}]}}),
        ),
        of(
            "scheduler.Call",
            json!({"type": "ACKNOWLEDGE", "framework_id": {"value": "f"}, "acknowledge": {"agent_id": {"value": "a"},
            "task_id": {"value": "t"}, "uuid": "mFGRHyB3RxCVHOnqnQmc7g=="}}),
        ),
        of(
            "master.Call",
            json!({"type": "UPDATE_QUOTA", "update_quota": {"force": true, "quota_configs": [{"role": "a",
            "limits": {"cpus": {"value": 1}}}]}}),
        ),
        of(
            "master.Call",
            json!({"type": "UPDATE_MAINTENANCE_SCHEDULE", "update_maintenance_schedule": {"schedule": {"windows": [
            {"machine_ids": [{"hostname": "h", "ip": "1.2.3.4"}], "unavailability": {"start": {"nanoseconds": 5}}}]}}}),
        ),
        of(
            "agent.Call",
            json!({"type": "LAUNCH_NESTED_CONTAINER", "launch_nested_container": {"container_id": {"value": "c",
            "parent": {"value": "p"}}, "command": {"value": "x"}}}),
        ),
    ]
}

/// Everything that reads what a client sends.
fn read_all(message: MessageType, bytes: &[u8]) {
    let read = message.decode(bytes).or_else(|| message.read(&parse_json(bytes).ok()?).ok());
    if let Some(mut call) = read {
        assert!(
            message.transcode(&serde_json::to_vec(&call).unwrap()).len() < (1 << 20) + 64 * bytes.len(),
            "it has grown"
        );
        let kind = call["type"].as_str().unwrap_or_default().to_owned();
        for operation in call["accept"]["operations"].as_array().into_iter().flatten() {
            for task in operation["launch"]["task_infos"].as_array().into_iter().flatten() {
                // Spoilt resources are found before they are read.
                if faults(&task["resources"]).is_none() {
                    drop(serde_json::from_value::<Resources>(task["resources"].clone()));
                }
            }
        }
        drop(Action::read(&kind, &mut call));
    }
    let text = String::from_utf8_lossy(bytes);
    drop(Query::parse(&text));
    drop(decode(&text));
    drop(parse(&text, "*"));
}

#[test]
fn whatever_comes_is_read_or_refused() {
    let inputs = if std::env::var_os("STARTLINE_REAL").is_some() { 1_000_000 } else { 20_000 };
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let seeds: Vec<_> = seeds()
        .into_iter()
        .flat_map(|(message, call)| {
            let read = message.read(&call).unwrap();
            [
                (message, message.transcode(&serde_json::to_vec(&read).unwrap())),
                (message, serde_json::to_vec(&call).unwrap()),
            ]
        })
        .collect();
    for n in 0..inputs {
        let (message, bytes) = &seeds[n % seeds.len()];
        read_all(*message, &spoil(bytes, &mut dice));
    }
}

#[test]
fn small_inputs_do_not_grow_into_large_ones() {
    // Two bytes a health check, each with five defaults; and JSON that is nested beyond all measure.
    let many = [0x0a, 0x00].repeat(4_000_000);
    assert!(MessageType::named("Labels").decode(&many).is_none());
    let deep = [b"{\"parent\":".repeat(50_000), b"1".to_vec()].concat();
    assert!(parse_json(&deep).is_err());
    let nested = (0..200).fold(Vec::new(), |inner: Vec<u8>, _| {
        let mut outer = vec![0x12];
        let mut length = inner.len();
        while length >= 0x80 {
            outer.push(length as u8 | 0x80);
            length >>= 7;
        }
        outer.push(length as u8);
        [outer, inner].concat()
    });
    assert!(MessageType::named("ContainerID").decode(&nested).is_none());
}
