//! Progress: a bar that counts proved steps on a terminal, plain lines elsewhere, events as JSON.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use protocol::{Change, Event, Step, StepState};

use super::say::Say;

/// Shows a run.
pub struct Progress {
    say: Say,
    bar: ProgressBar,
    running: Vec<String>,
}

impl Progress {
    /// For a run over so many steps.
    pub fn new(say: Say, steps: usize) -> Self {
        let target = if say.may_move() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style.progress_chars("━━─"));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { say, bar, running: Vec::new() }
    }

    /// Takes an event.
    pub fn event(&mut self, event: &Event) {
        self.say.event(event);
        if let Change::Step(step) = &event.change {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        let name = self.name(step);
        self.running.retain(|n| *n != name);
        match &step.state {
            StepState::Running { .. } => self.running.push(name),
            StepState::Done { took_ms, already } => {
                self.bar.inc(1);
                let how = match already {
                    true => self.say.pick("was there", "déjà fait").to_owned(),
                    false => format!("{} s", self.say.tenths(*took_ms as f64 / 1000.0)),
                };
                self.line(format!("✓ {name}  {how}"));
            }
            StepState::Failed { .. } => self.line(format!("✗ {name}")),
            StepState::Interrupted => self.line(format!("– {name}")),
            StepState::Waiting => {}
        }
        self.bar.set_message(self.running.join(", "));
    }

    fn name(&self, step: &Step) -> String {
        let title = self.say.text(&step.title);
        step.node.as_ref().map_or(title.to_owned(), |node| format!("{node}: {title}"))
    }

    fn line(&self, line: String) {
        self.bar.suspend(|| self.say.line(line));
    }

    /// Removes the bar.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
