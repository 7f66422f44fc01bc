//! Why an event, or a part of it, was not taken: what is wrong, with which value, and the fix.

/// One reason. Each has a code for programs, a field, and a message for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what each member is")]
pub enum Reason {
    #[error("the text is not JSON: {detail}; send the output of a JSON encoder")]
    InvalidJson { detail: String },
    #[error("the text ends before the event does: send it again whole")]
    Truncated,
    #[error("byte {offset} of the event is not UTF-8: encode the text as UTF-8")]
    InvalidUtf8 { offset: usize },
    #[error("an event must be a JSON object, this is {found}")]
    NotAnEvent { found: &'static str },
    #[error("the body has neither an event nor a \"batch\" array: send {{\"batch\":[…]}}")]
    MissingBatch,
    #[error("the text holds {count} events: send one, and the others from where they came")]
    SeveralEvents { count: usize },
    #[error("the event has {size_bytes} bytes, the limit is {max}: send less in one event")]
    TooLarge { size_bytes: usize, max: usize },
    #[error("the event is nested {depth} levels deep, the limit is {max}: flatten it")]
    TooDeep { depth: usize, max: usize },
    #[error(
        "{field} is {value}, beyond what a number can hold, about 1.8e308: send a smaller number, \
         or text"
    )]
    NumberOutOfRange { field: String, value: String },
    #[error("the event has no \"type\": set it to track, identify, page, screen, group or alias")]
    MissingType,
    #[error("type {value:?} is not known: use track, identify, page, screen, group or alias")]
    UnknownType { value: String },
    #[error(
        "a track event needs its name in \"event\": name what was done, such as Order Completed"
    )]
    MissingName,
    #[error("the name in {field:?} must be text, this is {found}")]
    NameNotText {
        field: &'static str,
        found: &'static str,
    },
    #[error(
        "the name in {field:?} has {chars} characters, the limit is {max}: shorten it and put the \
         details into properties"
    )]
    NameTooLong {
        field: &'static str,
        chars: usize,
        max: usize,
    },
    #[error("the event names nobody: set userId or anonymousId")]
    NoIdentifier,
    #[error("{field} must be text or a number, this is {found}: send the id itself")]
    IdentifierNotText { field: String, found: &'static str },
    #[error("{field} is {value:?}, a placeholder that many people would share: leave it out")]
    IdentifierPlaceholder { field: String, value: String },
    #[error("{field} has {chars} characters, the limit is {max}: send a shorter id")]
    IdentifierTooLong {
        field: String,
        chars: usize,
        max: usize,
    },
    #[error("{field} is {value:?}, which is not {expect}: correct it or leave it out")]
    IdentifierMalformed {
        field: String,
        value: String,
        expect: &'static str,
    },
    #[error("the event carries more than {max} identifiers: the rest was left out")]
    TooManyIdentifiers { max: usize },
    #[error("a group event needs the account's id in \"groupId\"")]
    MissingGroup,
    #[error("an alias needs two ids: set previousId and userId")]
    IncompleteAlias,
    #[error(
        "{field} is {value:?}, which is no time: use a form such as 2026-11-21T08:00:00.000Z, up \
         to the year 9999"
    )]
    UnreadableTime { field: &'static str, value: String },
    #[error("{field} is {value}, too far from now to be true: the time of receipt was taken")]
    AbsurdTime { field: &'static str, value: String },
    #[error("{field} must be a JSON object, this is {found}: it was set aside")]
    NotAnObject {
        field: &'static str,
        found: &'static str,
    },
    #[error("{message}")]
    Again {
        code: String,
        field: String,
        message: String,
    },
}

impl Reason {
    /// Machine-readable form.
    pub fn code(&self) -> &str {
        match self {
            Reason::InvalidJson { .. } => "invalid-json",
            Reason::Truncated => "truncated-json",
            Reason::InvalidUtf8 { .. } => "invalid-utf8",
            Reason::NotAnEvent { .. } => "not-an-object",
            Reason::MissingBatch => "missing-batch",
            Reason::SeveralEvents { .. } => "several-events",
            Reason::TooLarge { .. } => "event-too-large",
            Reason::TooDeep { .. } => "event-too-deep",
            Reason::NumberOutOfRange { .. } => "number-out-of-range",
            Reason::MissingType => "missing-type",
            Reason::UnknownType { .. } => "unknown-type",
            Reason::MissingName => "missing-event-name",
            Reason::NameNotText { .. } => "event-name-not-text",
            Reason::NameTooLong { .. } => "event-name-too-long",
            Reason::NoIdentifier => "no-identifier",
            Reason::IdentifierNotText { .. } => "identifier-not-text",
            Reason::IdentifierPlaceholder { .. } => "identifier-placeholder",
            Reason::IdentifierTooLong { .. } => "identifier-too-long",
            Reason::IdentifierMalformed { .. } => "identifier-malformed",
            Reason::TooManyIdentifiers { .. } => "too-many-identifiers",
            Reason::MissingGroup => "missing-group-id",
            Reason::IncompleteAlias => "incomplete-alias",
            Reason::UnreadableTime { .. } => "unreadable-time",
            Reason::AbsurdTime { .. } => "absurd-time",
            Reason::NotAnObject { .. } => "member-not-an-object",
            Reason::Again { code, .. } => code,
        }
    }

    /// The member at fault; empty when the whole text is.
    pub fn field(&self) -> &str {
        match self {
            Reason::MissingBatch => "batch",
            Reason::MissingType | Reason::UnknownType { .. } => "type",
            Reason::MissingName => "event",
            Reason::NoIdentifier => "userId",
            Reason::MissingGroup => "groupId",
            Reason::IncompleteAlias => "previousId",
            Reason::NameNotText { field, .. }
            | Reason::NameTooLong { field, .. }
            | Reason::UnreadableTime { field, .. }
            | Reason::AbsurdTime { field, .. }
            | Reason::NotAnObject { field, .. } => field,
            Reason::IdentifierNotText { field, .. }
            | Reason::IdentifierPlaceholder { field, .. }
            | Reason::IdentifierTooLong { field, .. }
            | Reason::IdentifierMalformed { field, .. }
            | Reason::NumberOutOfRange { field, .. }
            | Reason::Again { field, .. } => field,
            _ => "",
        }
    }
}
