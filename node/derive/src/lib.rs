//! Derive macros of the Seedbed contract; use them through `seedbed-node`.

mod message;
mod params;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `Message` (and `Wire`): on an enum every variant is a kind, on a struct the struct's
/// name is the only one. A field's size on the wire can be fixed with `#[wire(bytes = 32)]`.
#[proc_macro_derive(Message, attributes(wire))]
pub fn message(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    message::message(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}

/// Derives `Wire` for a struct or enum that messages contain.
#[proc_macro_derive(Wire, attributes(wire))]
pub fn wire(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    message::wire(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}

/// Derives `Params` for a struct with named fields; doc comments become descriptions,
/// `#[param(hidden)]` keeps a field out of listings.
#[proc_macro_derive(Params, attributes(param))]
pub fn params(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    params::params(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}

/// Derives `Parameter` for an enum of plain words.
#[proc_macro_derive(Parameter)]
pub fn parameter(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    params::parameter(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}
