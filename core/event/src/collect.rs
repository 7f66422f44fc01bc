//! Requests to events: routes, parsing rules, clock correction, reasons of refusal.
