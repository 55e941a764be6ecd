//! `Params` and `Parameter`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, LitStr, Meta, Result};

pub fn params(input: &DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(ident, "parameters are a struct with named fields"));
    };
    let mut rows = Vec::new();
    for field in &data.fields {
        let Some(name) = &field.ident else {
            return Err(Error::new_spanned(ident, "parameters are a struct with named fields"));
        };
        let text = name.to_string();
        let about = about(&field.attrs);
        let ty = &field.ty;
        let Notes { hidden, unit } = notes(&field.attrs)?;
        rows.push(quote! {
            ::seedbed_node::Field {
                name: #text,
                about: #about,
                kind: <#ty as ::seedbed_node::Parameter>::KIND,
                unit: #unit,
                default: || ::seedbed_node::Parameter::show(
                    &<Self as ::core::default::Default>::default().#name,
                ),
                hidden: #hidden,
            }
        });
    }
    Ok(quote! {
        impl ::seedbed_node::Params for #ident {
            const FIELDS: &'static [::seedbed_node::Field] = &[#(#rows),*];
        }
    })
}

pub fn parameter(input: &DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(ident, "only enums of plain words can be derived"));
    };
    if let Some(odd) = data.variants.iter().find(|v| !matches!(v.fields, Fields::Unit)) {
        return Err(Error::new_spanned(odd, "only enums of plain words can be derived"));
    }
    let variants: Vec<_> = data.variants.iter().map(|v| &v.ident).collect();
    let words = variants.iter().map(ToString::to_string);
    let shown = variants.iter().map(ToString::to_string);
    Ok(quote! {
        impl ::seedbed_node::Parameter for #ident {
            const KIND: ::seedbed_node::Kind = ::seedbed_node::Kind::Choice(&[#(#words),*]);
            fn show(&self) -> ::std::string::String {
                match self { #(Self::#variants => #shown,)* }.into()
            }
        }
    })
}

/// The doc comment as one line.
fn about(attributes: &[Attribute]) -> String {
    let lines: Vec<_> = attributes
        .iter()
        .filter_map(|a| match &a.meta {
            Meta::NameValue(m) if m.path.is_ident("doc") => match &m.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                    Some(text.value().trim().to_owned())
                }
                _ => None,
            },
            _ => None,
        })
        .collect();
    lines.join(" ")
}

/// What `#[param(…)]` says.
#[derive(Default)]
struct Notes {
    hidden: bool,
    unit: String,
}

fn notes(attributes: &[Attribute]) -> Result<Notes> {
    let mut notes = Notes::default();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("hidden") {
                notes.hidden = true;
            } else if meta.path.is_ident("unit") {
                notes.unit = meta.value()?.parse::<LitStr>()?.value();
            } else {
                return Err(meta.error("expected `hidden` or `unit = \"…\"`"));
            }
            Ok(())
        })?;
    }
    Ok(notes)
}
