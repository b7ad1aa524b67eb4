//! Running commands on machines, with all that they say in the log.

use std::time::Duration;

use machines::Output;
use protocol::LogLine;
use words::{Problem, plain, text};

use crate::run::{Context, now_ms};

/// How many lines of output a problem carries as evidence: the last ones say why.
const EVIDENCE: usize = 12;

/// How much of an output is kept for a person to see, bytes.
const SHOWN: usize = 4096;

impl Context<'_> {
    /// Runs one line on a machine and logs it.
    pub async fn run_line(&self, node: &str, line: &str, deadline: Duration) -> Result<Output, Problem> {
        self.log(node, false, format!("$ {line}"));
        let output = self.machines.run(node, line, deadline).await.map_err(|e| e.problem())?;
        self.log_lines(node, false, &output.stdout);
        self.log_lines(node, true, &output.stderr);
        Ok(output)
    }

    /// Runs a line that only looks; it is not logged, because it may be run many times a second.
    pub async fn look_line(&self, node: &str, line: &str, deadline: Duration) -> Result<Output, Problem> {
        self.machines.run(node, line, deadline).await.map_err(|e| e.problem())
    }

    fn log_lines(&self, node: &str, error: bool, output: &str) {
        for line in output.lines() {
            self.log(node, error, plain(line));
        }
    }

    fn log(&self, node: &str, error: bool, text: String) {
        let (node, step) = (Some(node.to_owned()), Some(self.step.to_owned()));
        self.sink.send(protocol::Change::Log(LogLine { at_ms: now_ms(), node, step, error, text }));
    }
}

/// A command that ended with another code than 0, as a person meets it.
pub fn refused(node: &str, line: &str, output: &Output) -> Problem {
    let code = output.code;
    let all = format!("{}\n{}", output.stdout, output.stderr);
    let lines: Vec<_> = all.lines().map(plain).filter(|l| !l.trim().is_empty()).collect();
    let problem = Problem::new(
        "command-failed",
        text!(
            "On {node}, `{line}` ended with code {code}.",
            "Sur {node}, « {line} » s’est terminé avec le code {code}."
        ),
        text!(
            "Read the last lines below: they say why. Mend the cause, then run the step again.",
            "Lisez les dernières lignes ci-dessous : elles disent pourquoi. Corrigez la cause, puis relancez l’étape."
        ),
    )
    .with_action(words::Action::Retry);
    lines[lines.len().saturating_sub(EVIDENCE)..].iter().fold(problem, Problem::with_evidence)
}

/// An output as it is shown: both streams, without control codes, cut to a length that a person reads.
pub fn shown(output: &Output) -> String {
    let mut text = plain(output.stdout.trim_end());
    if !output.stderr.trim().is_empty() {
        text = format!("{text}\n{}", plain(output.stderr.trim_end())).trim_start().to_owned();
    }
    if text.len() > SHOWN {
        text.truncate(text.floor_char_boundary(SHOWN));
        text.push('…');
    }
    text
}
