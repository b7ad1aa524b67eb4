//! Every decoder is given real bytes that were damaged, and bytes that are nothing: none may panic, and none may hold more memory than
//! its input explains. A million inputs with `STARTLINE_REAL=1`, fewer without; always the same ones.

use bytes::BytesMut;

use crate::{
    Config,
    config::{Membership, joiner},
    election::Notification,
    ensemble::{Message, Origin},
    quota::Track,
    tree::Tree,
    txn::{Record, Txn},
    wire::{
        Acl, Id, Put, Reader, op,
        records::perm,
        request::{Auth, Connect, Create, Header, Read, SetWatches, Write},
    },
};

const INPUTS: usize = 60_000;
const ALL_INPUTS: usize = 1_000_000;

/// A generator of numbers that are always the same (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What an input is meant to be.
#[derive(Clone, Copy, Debug)]
enum Target {
    Connect,
    Members,
    Request(i32),
    Stream,
    Record,
    Snapshot,
    Message,
    Notification,
    Config,
    Quota,
}

fn put(fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    fill(&mut out);
    out
}

fn put_create(out: &mut Vec<u8>, flags: i32) {
    out.put_text("/a/b");
    out.put_buffer(Some(b"data"));
    Acl::put_list(out, &[Acl::world(perm::ALL), Acl { perms: 1, id: Id::new("ip", "127.0.0.0/8") }]);
    out.put_i32(flags);
}

fn put_header(out: &mut Vec<u8>, kind: i32, done: bool) {
    out.put_i32(kind);
    out.put_bool(done);
    out.put_i32(-1);
}

fn requests() -> Vec<(Target, Vec<u8>)> {
    let path = |kind: i32, more: &[u8]| {
        let body = put(|out| {
            out.put_text("/a/b");
            out.put_raw(more);
        });
        (Target::Request(kind), body)
    };
    let mut all = vec![
        (Target::Request(op::CREATE), put(|out| put_create(out, 3))),
        (Target::Request(op::CREATE2), put(|out| put_create(out, 0))),
        (Target::Request(op::CREATE_CONTAINER), put(|out| put_create(out, 4))),
        (
            Target::Request(op::CREATE_TTL),
            put(|out| {
                put_create(out, 5);
                out.put_i64(1000);
            }),
        ),
        (
            Target::Request(op::SET_DATA),
            put(|out| {
                out.put_text("/a");
                out.put_buffer(Some(b"new"));
                out.put_i32(-1);
            }),
        ),
        (
            Target::Request(op::SET_ACL),
            put(|out| {
                out.put_text("/a");
                Acl::put_list(out, &[Acl { perms: 31, id: Id::new("digest", "u:x") }]);
                out.put_i32(2);
            }),
        ),
        (
            Target::Request(op::MULTI),
            put(|out| {
                put_header(out, op::CREATE, false);
                put_create(out, 0);
                put_header(out, op::DELETE, false);
                out.put_text("/b");
                out.put_i32(-1);
                put_header(out, -1, true);
            }),
        ),
        (
            Target::Request(op::MULTI_READ),
            put(|out| {
                put_header(out, op::GET_DATA, false);
                out.put_text("/b");
                out.put_bool(true);
                put_header(out, -1, true);
            }),
        ),
        (
            Target::Request(op::AUTH),
            put(|out| {
                out.put_i32(0);
                out.put_text("digest");
                out.put_buffer(Some(b"u:p"));
            }),
        ),
        (
            Target::Request(op::RECONFIG),
            put(|out| {
                out.put_text("server.5=127.0.0.5:1:2;3");
                out.put_i32(-1);
                out.put_i32(-1);
                out.put_i64(-1);
            }),
        ),
        path(op::DELETE, &[0, 0, 0, 1]),
        path(op::CHECK, &[255; 4]),
        path(op::DELETE_CONTAINER, &[]),
        path(op::SYNC, &[]),
        path(op::GET_ACL, &[]),
        path(op::GET_EPHEMERALS, &[]),
        path(op::GET_ALL_CHILDREN_NUMBER, &[]),
        path(op::ADD_WATCH, &[0, 0, 0, 1]),
        path(op::CHECK_WATCHES, &[0, 0, 0, 2]),
        path(op::REMOVE_WATCHES, &[0, 0, 0, 3]),
        (Target::Request(op::CREATE_SESSION), vec![0, 0, 10, 0]),
    ];
    all.extend([op::EXISTS, op::GET_DATA, op::GET_CHILDREN, op::GET_CHILDREN2].map(|kind| path(kind, &[1])));
    all.extend([op::SET_WATCHES, op::SET_WATCHES2].map(|kind| {
        let body = put(|out| {
            out.put_i64(7);
            (0..5).for_each(|_| out.put_texts(&["/a", "/b/c"]));
        });
        (Target::Request(kind), body)
    }));
    all
}

/// Real bytes of every kind.
fn seeds() -> Vec<(Target, Vec<u8>)> {
    let mut all = requests();
    let connect = put(|out| {
        out.put_i32(0);
        out.put_i64(5);
        out.put_i32(30_000);
        out.put_i64(77);
        out.put_buffer(Some(&[1; 16]));
        out.put_bool(true);
    });
    let stream = put(|out| {
        out.put_buffer(Some(&connect));
        for (_, body) in requests() {
            out.put_buffer(Some(&[&[0, 0, 0, 1, 0, 0, 0, 1], body.as_slice()].concat()));
        }
    });
    let acl = vec![Acl::world(perm::READ)];
    let create = Txn::Create { path: "/a".into(), data: Some(vec![1, 2]), acl, owner: 7, parent_creates: 1 };
    let txns = [
        Txn::Multi(vec![create.clone(), Txn::SetData { path: "/a".into(), data: None, version: 1 }]),
        create,
        Txn::CloseSession { paths: vec!["/a".into(), "/b".into()] },
        Txn::MultiError { codes: vec![0, -101, -2] },
    ];
    let mut tree = Tree::new("", true);
    for (zxid, txn) in (1..).zip(txns) {
        let record = Record { zxid, time: 5, session: 7, txn };
        tree.apply(&record, &mut Vec::new());
        let propose = Message::Propose { origin: Origin { server: Some(1), request: 2 }, record: record.encode() };
        all.push((Target::Record, record.encode()));
        all.push((Target::Message, propose.encode()));
    }
    let mut snapshot = Vec::new();
    tree.freeze().write_to(&mut snapshot).unwrap();
    let ids = vec![Id::new("ip", "127.0.0.1"), Id::new("digest", "u:x")];
    let request = Message::Request { request: 1, session: 2, kind: 5, ids, body: vec![1; 20] };
    all.extend([
        (Target::Message, request.encode()),
        (Target::Message, Message::Pong { touched: vec![1, 2, 3] }.encode()),
        (Target::Snapshot, snapshot),
        (Target::Connect, connect),
        (Target::Stream, stream),
        (Target::Notification, vec![0; 41]),
        (
            Target::Members,
            b"server.1=a:1:2:participant;[::1]:3\nserver.22=b|c:2:3:observer\nversion=100000003".to_vec(),
        ),
        (Target::Message, Message::NewLeader { epoch: 3, members: "server.1=a:1:2".to_owned() }.encode()),
        (Target::Quota, b"count=3,bytes=-1=;byteHardLimit=10;countHardLimit=2".to_vec()),
        (
            Target::Config,
            b"tickTime=500\ndataDir=/d\nclientPort=2181\nserver.1=[::1]:1:2:observer;3\nserver.2=b:2:3\nadmin.serverPort=9".to_vec(),
        ),
    ]);
    all
}

/// Numbers that lengths and counts are replaced by.
const NASTY: [u32; 9] = [0, 1, 0xffff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0x00ff_ffff, 0x1000_0000, 127];

fn damage(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        match chance.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            1 if bytes.len() >= at + 4 => {
                bytes[at..at + 4].copy_from_slice(&NASTY[chance.below(NASTY.len())].to_be_bytes());
            }
            2 => bytes.truncate(at),
            3 => bytes.splice(at..at, (0..chance.below(12)).map(|_| chance.next() as u8)).for_each(drop),
            4 => {
                let from = chance.below(other.len());
                bytes.splice(at.., other[from..].iter().copied()).for_each(drop);
            }
            5 => {
                let copy = bytes[at..].to_vec();
                bytes.extend(copy);
            }
            _ => bytes = (0..chance.below(200)).map(|_| chance.next() as u8).collect(),
        }
        // Damage shall not grow without end.
        bytes.truncate(4096);
    }
    bytes
}

/// Bytes that a decoded value holds on the heap, roughly from above.
trait Weight {
    fn weight(&self) -> usize;
}

impl Weight for String {
    fn weight(&self) -> usize {
        self.capacity()
    }
}

impl Weight for Acl {
    fn weight(&self) -> usize {
        self.id.scheme.weight() + self.id.id.weight()
    }
}

impl<T: Weight> Weight for Vec<T> {
    fn weight(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Weight::weight).sum::<usize>()
    }
}

impl Weight for Option<Vec<u8>> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Vec::capacity)
    }
}

impl Weight for Write {
    fn weight(&self) -> usize {
        match self {
            Self::Create(Create { path, data, acl, .. }) => path.weight() + data.weight() + acl.weight(),
            Self::SetData { path, data, .. } => path.weight() + data.weight(),
            Self::SetAcl { path, acl, .. } => path.weight() + acl.weight(),
            Self::Multi(writes) => writes.weight(),
            Self::Delete { path, .. } | Self::DeleteContainer { path } | Self::Check { path, .. } => path.weight(),
            _ => 0,
        }
    }
}

impl Weight for Read {
    fn weight(&self) -> usize {
        match self {
            Self::Multi(reads) => reads.weight(),
            Self::SetWatches(SetWatches { data, exist, child, persistent, recursive, .. }) => {
                [data, exist, child, persistent, recursive].map(Weight::weight).iter().sum()
            }
            // One path, never longer than the input.
            _ => 0,
        }
    }
}

impl Weight for Txn {
    fn weight(&self) -> usize {
        match self {
            Self::Create { path, data, acl, .. } => path.weight() + data.weight() + acl.weight(),
            Self::SetAcl { path, acl, .. } => path.weight() + acl.weight(),
            Self::Multi(txns) => txns.weight(),
            Self::CloseSession { paths } => paths.weight(),
            Self::MultiError { codes } => codes.capacity() * 4,
            _ => 0,
        }
    }
}

/// What decoding an input gave, as bytes on the heap.
fn decode(target: Target, bytes: &[u8]) -> usize {
    match target {
        Target::Connect => Connect::read(bytes).map_or(0, |connect| connect.password.capacity()),
        Target::Request(kind) => request(kind, bytes),
        Target::Stream => {
            let (frames, held, _) = crate::connection::split_frames(&mut BytesMut::from(bytes), 0xf_ffff);
            let read = |frame: &bytes::Bytes| {
                Header::read(&mut Reader::new(frame)).map_or(0, |header| request(header.kind, &frame[8..]))
            };
            held + frames.iter().map(read).max().unwrap_or(0)
        }
        Target::Record => Record::decode(bytes).map_or(0, |record| record.txn.weight()),
        Target::Snapshot => Tree::decode(bytes, "", true).map_or(0, |tree| {
            // A tree that could be read can be written again.
            tree.freeze().write_to(&mut std::io::sink()).unwrap();
            0
        }),
        Target::Message => match Message::decode(bytes) {
            Ok(Message::Request { ids, .. }) => ids.capacity() * size_of::<Id>(),
            Ok(Message::Pong { touched }) => touched.capacity() * 8,
            Ok(Message::NewLeader { members, .. }) => members.capacity(),
            _ => 0,
        },
        Target::Members => {
            let text = String::from_utf8_lossy(bytes);
            let joins = joiner(&text).map_or(0, |(_, member)| member.host.capacity());
            joins + Membership::parse(&text).map_or(0, |members| members.to_string().capacity())
        }
        Target::Notification => Notification::decode(bytes).map_or(0, |_| 0),
        Target::Config => Config::parse(&String::from_utf8_lossy(bytes)).map_or(0, |config| config.text.capacity()),
        Target::Quota => Track::parse(bytes).to_string().len(),
    }
}

fn request(kind: i32, bytes: &[u8]) -> usize {
    let _ = Auth::read(bytes);
    let write = Write::decode(kind, bytes).ok().flatten().map_or(0, |write| write.weight());
    let read = Read::decode(kind, bytes).ok().flatten().map_or(0, |read| read.weight());
    write.max(read)
}

#[test]
fn no_decoder_panics_or_holds_more_than_its_input_explains() {
    let seeds = seeds();
    // As they are, all of them can be read.
    for (target, bytes) in &seeds {
        if let Target::Request(kind) = target
            && !matches!(*kind, op::SYNC | op::AUTH)
        {
            let good =
                matches!(Write::decode(*kind, bytes), Ok(Some(_))) || matches!(Read::decode(*kind, bytes), Ok(Some(_)));
            assert!(good, "{target:?}");
        }
    }
    let all = std::env::var("STARTLINE_REAL").as_deref() == Ok("1");
    let mut chance = Chance(20_261_122);
    for n in 0..if all { ALL_INPUTS } else { INPUTS } {
        let (target, seed) = &seeds[chance.below(seeds.len())];
        let other = &seeds[chance.below(seeds.len())].1;
        let input = damage(seed, other, &mut chance);
        let held = decode(*target, &input);
        // The most that a byte can become: an access list's entry of 12 bytes takes 56, and vectors grow by doubling.
        assert!(
            held <= 64 * input.len() + 1024,
            "input {n} of {} bytes holds {held}: {target:?} {input:?}",
            input.len()
        );
    }
}
