//! When to look again: soon after news, now and then without, and never so often that looking becomes the main work.

use std::time::Duration;

use tokio::{sync::Notify, time::sleep};

/// What happens together is seen together: from the first news to the look.
const GATHER: Duration = Duration::from_millis(150);
/// From the end of a look to the next news that counts; with [`GATHER`], at most four looks a second.
const REST: Duration = Duration::from_millis(100);
/// A look that took those who were asked long is followed by a rest this many times as long: clusters of thousands must
/// not be kept busy with being watched.
const REST_FACTOR: u32 = 4;
/// The longest such rest.
const LONGEST: Duration = Duration::from_secs(30);

/// The rest after a look that took others so much work.
pub fn rest_after(work: Duration) -> Duration {
    (work * REST_FACTOR).clamp(REST, LONGEST)
}

/// Rests, then waits for news, at most `calm`.
pub async fn next_look(rest: Duration, calm: Duration, news: &Notify) {
    sleep(rest).await;
    tokio::select! {
        () = news.notified() => sleep(GATHER).await,
        () = sleep(calm) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::rest_after;

    #[test]
    fn who_took_long_is_left_alone_longer() {
        assert_eq!(rest_after(Duration::ZERO), Duration::from_millis(100));
        assert_eq!(rest_after(Duration::from_secs(1)), Duration::from_secs(4));
        assert_eq!(rest_after(Duration::from_secs(60)), Duration::from_secs(30));
    }
}
