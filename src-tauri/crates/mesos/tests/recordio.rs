//! RecordIO: any bytes, cut anywhere; the recordings of a real master.

use mesos::recordio::{DecodeError, Decoder, encode};
use mesos::v1::{TaskState, operator, scheduler};
use proptest::prelude::*;

/// Feeds a stream in pieces of these lengths and gives the records.
fn decode(stream: &[u8], pieces: &[usize]) -> Result<Vec<Vec<u8>>, DecodeError> {
    let (mut decoder, mut records, mut rest) = (Decoder::default(), Vec::new(), stream);
    let mut lengths = pieces.iter().copied().filter(|length| *length > 0).cycle();
    while !rest.is_empty() {
        let length = lengths.next().unwrap_or(rest.len()).min(rest.len());
        decoder.feed(&rest[..length]);
        rest = &rest[length..];
        while let Some(record) = decoder.next_record()? {
            records.push(record.to_vec());
        }
    }
    Ok(records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_is_decoded(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..10),
        pieces in prop::collection::vec(1..9_usize, 0..6),
    ) {
        let stream: Vec<u8> = records.iter().flat_map(|record| encode(record)).collect();
        prop_assert_eq!(decode(&stream, &pieces), Ok(records));
    }

    #[test]
    fn any_bytes_end_in_records_or_an_error(stream in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(records) = decode(&stream, &[3]) {
            prop_assert!(records.iter().map(Vec::len).sum::<usize>() <= stream.len());
        }
    }
}

#[test]
fn refuses_what_cannot_be_right() {
    for wrong in ["x", "-1\n", "12 \nhello", "\n", "123456789012345678901234567890"] {
        assert_eq!(decode(wrong.as_bytes(), &[1]), Err(DecodeError::BadLength), "{wrong:?}");
    }
    let mut small = Decoder::with_limit(4);
    small.feed(b"5\nhello");
    assert_eq!(small.next_record(), Err(DecodeError::TooLong { length: 5, limit: 4 }));
}

#[test]
fn reads_a_real_operator_stream() {
    let records = decode(include_bytes!("fixtures/operator.recordio"), &[7, 100]).expect("records");
    let events: Vec<operator::Event> =
        records.iter().map(|record| serde_json::from_slice(record).expect("an event")).collect();
    let operator::Event::Subscribed(subscribed) = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!(subscribed.heartbeat_interval_seconds, Some(15.0));
    assert_eq!(subscribed.get_state.get_tasks.tasks[0].state, TaskState::Running);
    assert!(events.iter().any(|event| matches!(event, operator::Event::Heartbeat)));
    assert!(
        events.iter().any(|event| matches!(event, operator::Event::TaskUpdated(news) if news.state == TaskState::Lost))
    );
    let added =
        events.iter().find_map(|event| if let operator::Event::AgentAdded(agent) = event { Some(agent) } else { None });
    assert_eq!(added.map(|agent| agent.agent_info.hostname.as_str()), Some("agent2.example"));
    assert!(!events.iter().any(|event| matches!(event, operator::Event::Other(_))));
}

#[test]
fn reads_a_real_scheduler_stream() {
    let records = decode(include_bytes!("fixtures/scheduler.recordio"), &[64]).expect("records");
    let events: Vec<scheduler::Event> =
        records.iter().map(|record| serde_json::from_slice(record).expect("an event")).collect();
    let scheduler::Event::Subscribed(subscribed) = &events[0] else { panic!("{:?}", events[0]) };
    let master = subscribed.master_info.as_ref().expect("a master");
    assert_eq!(master.endpoint().as_str(), "127.0.0.1:6051");
    let offers =
        events.iter().find_map(|event| if let scheduler::Event::Offers(offers) = event { Some(offers) } else { None });
    let offer = &offers.expect("offers")[0];
    assert_eq!(offer.attributes[0].rendered(), "r2");
    assert_eq!(offer.resources[0].reserved_role(), "*");
    let states: Vec<_> = events
        .iter()
        .filter_map(|event| if let scheduler::Event::Update(status) = event { Some(status.state) } else { None })
        .collect();
    assert_eq!(states, [TaskState::Starting, TaskState::Running, TaskState::Failed, TaskState::Lost]);
    assert!(
        events.iter().any(|event| matches!(event, scheduler::Event::Failure(failure) if failure.agent_id.is_some()))
    );
}
