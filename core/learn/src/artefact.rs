//! stub
/// What.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Damage {
    /// x
    #[error("x")]
    X,
}
