//! What ZooKeeper's scripts read in `zoo.cfg`.

use super::Call;
use crate::services::ZOO_CFG;

/// The last value of a key; none if the file cannot be read or has no such line.
pub(super) fn value(call: &Call, key: &str) -> Option<String> {
    let text = call.host().disk.read_text(&call.shell.user, ZOO_CFG).ok()?;
    let value = |line: &str| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    };
    text.lines().filter_map(value).next_back()
}

/// `dataDir`.
pub(super) fn data_dir(call: &Call) -> Result<String, String> {
    if call.host().disk.read_text(&call.shell.user, ZOO_CFG).is_err() {
        return Err(format!("cannot read {ZOO_CFG}"));
    }
    value(call, "dataDir").filter(|dir| dir.starts_with('/')).ok_or_else(|| format!("{ZOO_CFG} names no dataDir"))
}
