//! Machines of a provider that this version plans for and exports, but does not start.

use std::time::Duration;

use async_trait::async_trait;
use machines::{Error, Listener, Machines, Output, Result, State, Upload};
use plan::{ClusterPlan, Provider};

/// Machines that are somebody else's to start: none is there, and every wish is answered with what to do instead.
pub struct Undriven {
    provider: Provider,
    nodes: Vec<String>,
}

impl Undriven {
    /// The machines of a plan.
    pub fn new(plan: &ClusterPlan) -> Self {
        Self { provider: plan.provider, nodes: plan.nodes.iter().map(|n| n.name.clone()).collect() }
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(Error::Provider(Box::new(crate::error::provider_problem(self.provider))))
    }
}

#[async_trait]
impl Machines for Undriven {
    async fn states(&self) -> Result<Vec<(String, State)>> {
        Ok(self.nodes.iter().map(|n| (n.clone(), State::Missing)).collect())
    }

    async fn up(&self, _: &str) -> Result<()> {
        self.refuse()
    }

    async fn halt(&self, _: &str) -> Result<()> {
        Ok(())
    }

    async fn destroy(&self, _: &str) -> Result<()> {
        Ok(())
    }

    async fn run(&self, _: &str, _: &str, _: Duration) -> Result<Output> {
        self.refuse()
    }

    async fn follow(&self, _: &str, _: &str, _: Listener<'_>) -> Result<i32> {
        self.refuse()
    }

    async fn put(&self, _: &str, _: Upload) -> Result<()> {
        self.refuse()
    }
}
