//! Changing definitions: whether a change may be made, and making it.

use axum::http::{HeaderMap, HeaderName, header};
use kith_base::{Json, Value, limits};
use kith_definition::{Document, Kind, Problem as Finding, Severity, check};
use kith_engine::state::Read;
use kith_engine::{query, rules};
use kith_event::DefinitionChange;

use crate::problem::{self, Problem};
use crate::state::AdminState;

/// What a client says it saw.
pub struct Precondition {
    matches: Option<String>,
    none_match: Option<String>,
}

impl Precondition {
    /// From `If-Match` and `If-None-Match`.
    pub fn read(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Precondition {
            matches: text(header::IF_MATCH),
            none_match: text(header::IF_NONE_MATCH),
        }
    }

    /// Whether a write may go on. What is archived counts as absent.
    fn check_write(&self, found: Option<&query::Definition>) -> Result<(), Problem> {
        let live = found.filter(|found| !found.row.archived);
        let Some(live) = live else {
            return match &self.matches {
                Some(_) => Err(Problem::new(
                    problem::PRECONDITION_FAILED,
                    "it does not exist, so no ETag can match; send If-None-Match: * to create it",
                )),
                None => Ok(()),
            };
        };
        if self.none_match.as_deref() == Some("*") {
            return Err(Problem::new(
                problem::PRECONDITION_FAILED,
                "it exists already",
            ));
        }
        match &self.matches {
            Some(_) => self.check_match(live),
            None => Err(Problem::new(
                problem::PRECONDITION_REQUIRED,
                format!("it exists at revision {}; send If-Match", live.row.revision),
            )),
        }
    }

    fn check_match(&self, live: &query::Definition) -> Result<(), Problem> {
        let Some(matches) = &self.matches else {
            return Ok(());
        };
        if holds(matches, live.row.revision) {
            return Ok(());
        }
        let detail = format!(
            "it is at revision {} by {} now, not at {matches}",
            live.row.revision, live.row.author
        );
        Err(Problem::new(problem::PRECONDITION_FAILED, detail))
    }

    /// Whether the client holds this revision already.
    pub fn is_held(&self, revision: u64) -> bool {
        self.none_match
            .as_deref()
            .is_some_and(|held| holds(held, revision))
    }
}

/// The ETag of a revision.
pub fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

fn holds(header: &str, revision: u64) -> bool {
    let etag = etag(revision);
    header
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

/// Writes a new revision and answers it, with whether it was created.
pub async fn write(
    state: &AdminState,
    kind: Kind,
    id: &str,
    precondition: &Precondition,
    (name, spec): (String, Json),
    author: &str,
) -> Result<(query::Definition, bool), Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let found = query::definition(&*view.state, kind.as_str(), id)?;
    precondition.check_write(found.as_ref())?;
    let spec = with_kept_secrets(kind, spec, found.as_ref());
    let document = Document::new(kind, id.to_owned(), name.trim().to_owned(), &spec)
        .map_err(|errors| invalid(&errors))?;
    let live = found.as_ref().is_some_and(|found| !found.row.archived);
    check_size(&spec)?;
    if !live {
        check_room(&*view.state, &document, limits::DEFINITIONS_PER_KIND_MAX)?;
    }
    let errors = findings(&*view.state, &document)?
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors = Vec::from_iter(errors);
    if !errors.is_empty() {
        let problem = Problem::new(problem::INVALID_BODY, "the definition cannot go live");
        return Err(errors.into_iter().fold(problem, |problem, error| {
            problem.field(error.field, error.message)
        }));
    }
    in_use(broken_by(&*view.state, &document)?, "would no longer work")?;
    drop(view);
    let name = if document.name.is_empty() {
        id.to_owned()
    } else {
        document.name.clone()
    };
    let change = DefinitionChange {
        kind: kind.as_str().to_owned(),
        id: id.to_owned(),
        name,
        archived: false,
        author: author.to_owned(),
        at: state.now(),
        spec: document.spec.to_json(),
    };
    state.append_definition(change).await?;
    let written = query::definition(&*state.view().state, kind.as_str(), id)?
        .ok_or_else(|| Problem::new(problem::INTERNAL, "the revision was applied, yet is gone"))?;
    Ok((written, !live))
}

/// Takes a definition out of use.
pub async fn archive(
    state: &AdminState,
    kind: Kind,
    id: &str,
    precondition: &Precondition,
    author: &str,
) -> Result<(), Problem> {
    let _guard = state.writes().await;
    let view = state.view();
    let found = query::definition(&*view.state, kind.as_str(), id)?
        .filter(|found| !found.row.archived)
        .ok_or_else(|| Problem::not_found(kind.as_str(), id))?;
    precondition.check_match(&found)?;
    in_use(users_of(&*view.state, kind, id)?, "name it")?;
    drop(view);
    let change = DefinitionChange {
        kind: found.kind,
        id: found.id,
        name: found.row.name,
        archived: true,
        author: author.to_owned(),
        at: state.now(),
        spec: found.row.spec,
    };
    state.append_definition(change).await
}

/// The problem that names the definitions a change would break; none when there are none.
fn in_use(users: Vec<Finding>, why: &str) -> Result<(), Problem> {
    if users.is_empty() {
        return Ok(());
    }
    let detail = format!("{} {why}; change them first", users.len());
    let problem = Problem::new(problem::IN_USE, detail);
    Err(users.into_iter().fold(problem, |problem, user| {
        problem.field(format!("{}/{}", user.kind, user.id), user.message)
    }))
}

/// The problem that names every error of a document.
pub fn invalid(errors: &[kith_definition::FieldError]) -> Problem {
    let problem = Problem::new(problem::INVALID_BODY, "the definition has errors");
    errors.iter().fold(problem, |problem, error| {
        problem.field(&*error.field, &*error.message)
    })
}

/// What is wrong or doubtful about a document among the live ones, its rule included.
pub fn findings(state: &dyn Read, document: &Document) -> Result<Vec<Finding>, Problem> {
    let mut all = live_documents(state)?;
    all.retain(|other| other.kind != document.kind || other.id != document.id);
    all.push(document.clone());
    let mut findings = check(&all);
    findings.extend(rules::check(&all));
    findings.retain(|finding| finding.kind == document.kind && finding.id == document.id);
    Ok(findings)
}

/// Rules of other definitions that the change of one would break.
fn broken_by(state: &dyn Read, document: &Document) -> Result<Vec<Finding>, Problem> {
    let mut all = live_documents(state)?;
    let before = rules::check(&all);
    all.retain(|other| other.kind != document.kind || other.id != document.id);
    all.push(document.clone());
    let mut after = rules::check(&all);
    after.retain(|finding| {
        let own = finding.kind == document.kind && finding.id == document.id;
        !own && !before.contains(finding)
    });
    Ok(after)
}

/// Definitions that would lead nowhere without this one.
fn users_of(state: &dyn Read, kind: Kind, id: &str) -> Result<Vec<Finding>, Problem> {
    let findings = |all: &[Document]| {
        let mut findings = check(all);
        findings.extend(rules::check(all));
        findings
    };
    let mut all = live_documents(state)?;
    let before = findings(&all);
    all.retain(|other| other.kind != kind || other.id != id);
    let mut after = findings(&all);
    after.retain(|finding| finding.severity == Severity::Error && !before.contains(finding));
    Ok(after)
}

/// Every live document of a kind that has routes here; what cannot be read is left out.
pub(crate) fn live_documents(state: &dyn Read) -> Result<Vec<Document>, Problem> {
    let mut all = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_public()) {
        let limit = limits::DEFINITIONS_PER_KIND_MAX;
        for found in query::live_definitions(state, kind.as_str(), limit)? {
            let document = Document::new(kind, found.id, found.row.name, &found.row.spec);
            all.extend(document.ok());
        }
    }
    Ok(all)
}

/// Write keys and webhooks' secrets are made and revoked by their own routes: whatever a client
/// sends, they stay.
pub(crate) fn with_kept_secrets(kind: Kind, spec: Json, found: Option<&query::Definition>) -> Json {
    let Value::Map(mut members) = spec.value() else {
        return spec;
    };
    let member = match kind {
        Kind::Source => "keys",
        Kind::Webhook => "secrets",
        _ => return spec,
    };
    let kept = found.map(|found| found.row.spec.value().path(member).clone());
    members.insert(
        member.to_owned(),
        match kept {
            Some(Value::List(keys)) => Value::List(keys),
            _ => Value::List(Vec::new()),
        },
    );
    Json::from_serialize(&Value::Map(members)).expect("a value always has a JSON form")
}

pub(crate) fn check_size(spec: &Json) -> Result<(), Problem> {
    let size_bytes = spec.as_str().len();
    if size_bytes > limits::DEFINITION_SIZE_MAX_BYTES {
        let most = limits::DEFINITION_SIZE_MAX_BYTES;
        let detail = format!("the definition has {size_bytes} bytes, the limit is {most}");
        return Err(Problem::new(problem::BODY_TOO_LARGE, detail));
    }
    Ok(())
}

/// Whether one more of its kind may go live.
fn check_room(state: &dyn Read, document: &Document, most: usize) -> Result<(), Problem> {
    let (kind, id) = (document.kind, &document.id);
    if query::live_definitions(state, kind.as_str(), most)?.len() < most {
        return Ok(());
    }
    let detail = format!("there are {most} of the kind {kind} live, which is the limit");
    let fix = format!("{id} would be one too many; archive one that is not in use first");
    Err(Problem::new(problem::TOO_MANY, detail).field("id", fix))
}

#[cfg(test)]
mod tests {
    use kith_base::Timestamp;
    use kith_engine::state::Tx;
    use kith_engine::table;
    use kith_store::state::Memory;

    use super::*;

    fn put(state: &mut Memory, id: &str, archived: bool) {
        let row = table::DefinitionRow {
            revision: 1,
            name: id.to_owned(),
            archived,
            author: "test".to_owned(),
            at: Timestamp::ZERO,
            spec: Json::empty(),
        };
        state.put(&table::definition("audience", id), table::encode(&row));
    }

    #[test]
    fn as_many_of_a_kind_as_the_limit_go_live_and_not_one_more() {
        let spec = Json::parse(r#"{"type":"list"}"#).unwrap();
        let vip = Document::new(Kind::Audience, "vip".into(), String::new(), &spec).unwrap();
        let mut state = Memory::new();
        for id in ["a", "b", "c"] {
            put(&mut state, id, false);
        }
        assert!(check_room(&state, &vip, 4).is_ok());
        let refused = check_room(&state, &vip, 3).unwrap_err();
        let told = "too-many: there are 3 of the kind audience live, which is the limit";
        assert_eq!(refused.to_string(), told);
        // What is archived makes room, though its row stays.
        put(&mut state, "b", true);
        assert!(check_room(&state, &vip, 3).is_ok());
        put(&mut state, "x", true);
        assert!(check_room(&state, &vip, 3).is_ok());
        put(&mut state, "y", false);
        assert!(check_room(&state, &vip, 3).is_err());
    }
}
