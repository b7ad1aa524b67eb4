//! Who needs whom: applications by the paths in their `dependencies`, and by those of the groups that they lie in.

use std::collections::{BTreeMap, BTreeSet};

use marathon::AppDefinition;

use super::AppId;
use super::groups::Groups;

/// Applications need each other in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circle;

/// How long the longest chain is of applications that each need the next one, beginning with this one: 1 if it needs
/// nobody. What has a lower number is deployed first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranks(BTreeMap<AppId, usize>);

impl Ranks {
    /// The rank of an application.
    pub fn of(&self, app: &AppId) -> usize {
        self.0.get(app).copied().unwrap_or(1)
    }

    /// The ranks of all these applications.
    pub fn new(apps: &BTreeMap<&AppId, &AppDefinition>, groups: &Groups) -> Result<Self, Circle> {
        let needs = needs(apps, groups);
        let mut ranks = Self::default();
        let mut left: BTreeSet<&AppId> = needs.keys().copied().collect();
        while !left.is_empty() {
            let ready: Vec<&AppId> =
                left.iter().copied().filter(|app| needs[app].iter().all(|needed| !left.contains(needed))).collect();
            if ready.is_empty() {
                return Err(Circle);
            }
            for app in ready {
                let longest = needs[app].iter().map(|needed| ranks.of(needed)).max().unwrap_or(0);
                ranks.0.insert(app.clone(), longest + 1);
                left.remove(app);
            }
        }
        Ok(ranks)
    }
}

/// Whom each application needs, for those that need anybody. A path that leads nowhere asks for nothing.
fn needs<'a>(
    apps: &BTreeMap<&'a AppId, &'a AppDefinition>,
    groups: &Groups,
) -> BTreeMap<&'a AppId, BTreeSet<&'a AppId>> {
    let mut needs: BTreeMap<&AppId, BTreeSet<&AppId>> = BTreeMap::new();
    for (app, definition) in apps {
        for dependency in definition.dependencies.iter().flatten() {
            needs.entry(app).or_default().extend(within(apps, &AppId::new(dependency)));
        }
    }
    for (group, dependency) in
        groups.iter().flat_map(|(id, group)| group.dependencies.iter().map(move |path| (id, path)))
    {
        // A group needs groups: the path of an application is none.
        if groups.contains(dependency) {
            for app in within(apps, group) {
                needs.entry(app).or_default().extend(within(apps, dependency));
            }
        }
    }
    needs
}

/// The applications in a group, or the one with this id.
fn within<'a>(apps: &BTreeMap<&'a AppId, &'a AppDefinition>, path: &AppId) -> Vec<&'a AppId> {
    let first = path.first_within();
    let below = apps.range::<AppId, _>(&first..).map(|(app, _)| *app);
    let itself = apps.get_key_value(path).map(|(app, _)| *app);
    itself.into_iter().chain(below.take_while(|app| app.as_str().starts_with(first.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::groups::Group;
    use super::*;

    fn ranks(apps: &[(&str, &[&str])], needing: &[(&str, &str)]) -> Result<Vec<usize>, Circle> {
        let definition = |(id, needs): &(&str, &[&str])| {
            let mut app = AppDefinition::new(*id);
            app.dependencies = Some(needs.iter().map(|need| (*need).to_owned()).collect());
            (AppId::new(id), app)
        };
        let apps: Vec<_> = apps.iter().map(definition).collect();
        let mut groups = Groups::default();
        apps.iter().for_each(|(id, _)| groups.make_above(id));
        for (group, needed) in needing {
            groups.put(&AppId::new(group), Group { dependencies: [AppId::new(needed)].into() });
        }
        let refs = apps.iter().map(|(id, app)| (id, app)).collect();
        let ranks = Ranks::new(&refs, &groups)?;
        Ok(apps.iter().map(|(id, _)| ranks.of(id)).collect())
    }

    #[test]
    fn a_chain_is_as_long_as_its_longest_way() {
        assert_eq!(ranks(&[("/web", &["/db", "/cache"]), ("/cache", &["/db"]), ("/db", &[])], &[]), Ok(vec![3, 2, 1]));
        assert_eq!(ranks(&[("/web", &["/nowhere"]), ("/db", &[])], &[]), Ok(vec![1, 1]));
    }

    #[test]
    fn groups_need_groups() {
        let apps: &[(&str, &[&str])] =
            &[("/front/web", &[]), ("/back/api", &["/back/db"]), ("/back/db", &[]), ("/back-up", &[])];
        assert_eq!(ranks(apps, &[("/front", "/back")]), Ok(vec![3, 2, 1, 1]));
    }

    #[test]
    fn circles_are_found() {
        assert_eq!(ranks(&[("/a", &["/b"]), ("/b", &["/a"])], &[]), Err(Circle));
        assert_eq!(ranks(&[("/a/x", &[]), ("/b/y", &["/a"])], &[("/a", "/b")]), Err(Circle));
        assert_eq!(ranks(&[("/a/x", &[])], &[("/a", "/a")]), Err(Circle));
    }
}
