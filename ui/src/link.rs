//! The link to one cluster: opened, kept up to date, opened again after a gap, closed when its page goes.

use std::{cell::RefCell, rc::Rc};

use leptos::{prelude::*, task::spawn_local};
use protocol::Event;
use words::Problem;

use crate::{
    backend::{self, Channel},
    held::Held,
    store::Cluster,
};

/// How far the link is.
#[derive(Clone)]
pub enum Link {
    /// The picture has been asked for.
    Opening,
    /// It could not be had.
    Failed(Problem),
    /// The cluster.
    Open(Cluster),
}

struct Line {
    name: String,
    state: Held<Link>,
    owner: Option<Owner>,
    /// Dropping it ends the events.
    channel: RefCell<Option<Channel>>,
    /// Events that came before the picture.
    early: RefCell<Vec<Event>>,
}

/// Opens the cluster of that name for as long as the current owner lives. `again` opens it once more after a failure.
pub fn open(name: String) -> (Held<Link>, impl Fn() + Clone + Send + Sync + 'static) {
    let state = Held::new(Link::Opening);
    let line = StoredValue::new_local(Rc::new(Line {
        name,
        state,
        owner: Owner::current(),
        channel: RefCell::default(),
        early: RefCell::default(),
    }));
    connect(line.get_value());
    on_cleanup(move || {
        let Some(line) = line.try_get_value() else { return };
        line.channel.take();
        spawn_local(async move {
            // Closing what is no longer open is no trouble of anybody.
            let _ = backend::cluster_close(&line.name).await;
        });
    });
    (state, move || {
        state.set(Link::Opening);
        connect(line.get_value());
    })
}

fn connect(line: Rc<Line>) {
    line.early.borrow_mut().clear();
    let heard = Rc::downgrade(&line);
    let channel = Channel::new(move |event| {
        if let Some(line) = heard.upgrade() {
            hear(&line, event);
        }
    });
    let channel = match channel {
        Ok(channel) => channel,
        Err(problem) => return line.state.set(Link::Failed(problem)),
    };
    spawn_local(async move {
        let answer = backend::cluster_open(&line.name, &channel).await;
        // The page may have gone in the meantime.
        if line.state.try_get_untracked().is_none() {
            return;
        }
        line.channel.replace(Some(channel));
        match answer {
            Ok(view) => {
                match line.state.get_untracked() {
                    Link::Open(cluster) => cluster.replace(view),
                    _ => {
                        let cluster = match &line.owner {
                            Some(owner) => owner.with(|| Cluster::new(view)),
                            None => Cluster::new(view),
                        };
                        line.state.set(Link::Open(cluster));
                    }
                }
                let early = line.early.take();
                early.into_iter().for_each(|event| hear(&line, event));
            }
            Err(problem) => line.state.set(Link::Failed(problem)),
        }
    });
}

fn hear(line: &Rc<Line>, event: Event) {
    let connected = line.channel.borrow().is_some();
    match line.state.try_get_untracked() {
        Some(Link::Open(cluster)) if connected => {
            let whole = cluster.apply(event);
            if !whole {
                line.channel.take();
                connect(line.clone());
            }
        }
        Some(_) => line.early.borrow_mut().push(event),
        None => {}
    }
}
