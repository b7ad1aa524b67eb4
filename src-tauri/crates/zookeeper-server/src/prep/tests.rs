//! Being ahead of the tree must change nothing.

use std::{collections::HashMap as Map, time::Instant};

use proptest::prelude::*;

use super::*;
use crate::txn::Record;

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let path = || prop::sample::select(vec!["/a", "/b", "/a/x", "/a/y", "/a/x/z", "/q-"]).prop_map(str::to_owned);
    let create = (path(), 0..4_i32).prop_map(|(path, flags)| {
        let acl = vec![Acl::world(perm::ALL)];
        Write::Create(Create { path, data: None, acl, flags, ttl: -1, form: CreateForm::WithStat })
    });
    let single = prop_oneof![
        3 => create,
        2 => (path(), -1..2_i32).prop_map(|(path, version)| Write::Delete { path, version }),
        2 => (path(), -1..3_i32).prop_map(|(path, version)| Write::SetData { path, data: Some(vec![1]), version }),
        1 => (path(), -1..2_i32).prop_map(|(path, version)| {
            Write::SetAcl { path, acl: vec![Acl::world(perm::ALL)], version }
        }),
        1 => (path(), -1..2_i32).prop_map(|(path, version)| Write::Check { path, version }),
    ]
    .boxed();
    let any = prop_oneof![
        8 => single.clone(),
        1 => prop::collection::vec(single, 0..4).prop_map(Write::Multi),
        1 => Just(Write::CloseSession),
    ];
    prop::collection::vec(any, 0..40)
}

/// Prepares all writes, letting the tree fall behind by `lag` transactions.
fn history(writes: &[Write], lag: usize) -> (Vec<Record>, Tree) {
    let mut tree = Tree::new("", false);
    let mut prep = Prep::default();
    let mut tracker = Tracker::new(&Map::new(), false, Instant::now());
    let mut records: Vec<Record> = Vec::new();
    let mut applied = 0;
    for (zxid, write) in (1_i64..).zip(writes) {
        // The session opens again each time it was ended.
        tracker.track(7, 1000, None, Instant::now());
        let asker = Asker { session: 7, server: 1, ids: &[] };
        let txn = prep.prepare(write, zxid, asker, &tree, &mut tracker);
        records.push(Record { zxid, time: zxid, session: 7, txn });
        while records.len() - applied > lag {
            tree.apply(&records[applied], &mut Vec::new());
            prep.applied(records[applied].zxid);
            applied += 1;
        }
    }
    for record in &records[applied..] {
        tree.apply(record, &mut Vec::new());
        prep.applied(record.zxid);
    }
    assert!(prep.ahead.is_empty() && prep.proposed.is_empty());
    (records, tree)
}

/// All that a client could see.
fn seen(tree: &Tree) -> Vec<String> {
    let mut todo = vec!["/".to_owned()];
    let mut out = Vec::new();
    while let Some(path) = todo.pop() {
        out.push(format!("{path} {:?} {:?}", tree.data(&path), tree.acl(&path)));
        let base = if path == "/" { "" } else { &path };
        todo.extend(tree.children(&path).into_iter().flatten().map(|name| format!("{base}/{name}")));
    }
    out.sort();
    out.push(format!("{:?} {} {}", tree.ephemerals_of(7), tree.data_size(), tree.last_zxid()));
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn being_ahead_of_the_tree_changes_nothing(writes in writes(), lag in 1..12_usize) {
        let (at_once, tree) = history(&writes, 0);
        let (ahead, late_tree) = history(&writes, lag);
        prop_assert_eq!(&at_once, &ahead);
        prop_assert_eq!(seen(&tree), seen(&late_tree));
    }

    #[test]
    fn applying_history_twice_changes_nothing(writes in writes()) {
        let (records, tree) = history(&writes, 0);
        // A snapshot that already has all of it, and the log once more.
        let mut bytes = Vec::new();
        tree.freeze().write_to(&mut bytes).unwrap();
        let mut again = Tree::decode(&bytes, "", false).unwrap();
        prop_assert_eq!(seen(&tree), seen(&again));
        let last = records.len().saturating_sub(1);
        for record in records.iter().skip(last) {
            again.apply(record, &mut Vec::new());
        }
        prop_assert_eq!(seen(&tree), seen(&again));
    }

    #[test]
    fn records_survive_the_log(writes in writes()) {
        for record in history(&writes, 0).0 {
            prop_assert_eq!(Record::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn decoding_never_panics(bytes: Vec<u8>, kind in -12..110_i32) {
        let _ = Record::decode(&bytes);
        let _ = Tree::decode(&bytes, "", false);
        let _ = Write::decode(kind, &bytes);
        let _ = crate::wire::request::Read::decode(kind, &bytes);
        let _ = crate::wire::request::Connect::read(&bytes);
        let _ = crate::wire::request::Auth::read(&bytes);
    }
}
