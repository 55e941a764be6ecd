//! `Message` and `Wire`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, Ident, LitInt, Result};

/// One shape of fields: a struct, or a variant of an enum.
struct Shape {
    pattern: TokenStream,
    name: Ident,
    bytes: Vec<TokenStream>,
    alterable: Vec<Ident>,
}

pub fn message(input: &DeriveInput) -> Result<TokenStream> {
    let wire = wire(input)?;
    let shapes = shapes(input)?;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let count = shapes.len();
    let kinds = 0..count;
    let patterns = shapes.iter().map(|s| &s.pattern);
    let names = shapes.iter().map(|s| s.name.to_string());
    Ok(quote! {
        #wire
        #[automatically_derived]
        #[allow(clippy::disallowed_types)]
        impl #generics ::seedbed_node::Message for #ident #arguments #bounds {
            const KINDS: usize = #count;
            #[allow(unused_variables)]
            fn kind(&self) -> usize {
                match self { #(#patterns => #kinds,)* }
            }
            fn kind_name(kind: usize) -> &'static str {
                [#(#names),*][kind]
            }
        }
    })
}

pub fn wire(input: &DeriveInput) -> Result<TokenStream> {
    let shapes = shapes(input)?;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    // An enum spends one byte on telling its variants apart.
    let tag = u32::from(matches!(input.data, Data::Enum(_)));
    let sizes =
        shapes.iter().map(|Shape { pattern, bytes, .. }| quote!(#pattern => #tag #(+ #bytes)*,));
    let altered = shapes.iter().map(|Shape { pattern, alterable, .. }| {
        let count = alterable.len() as u64;
        if count == 0 {
            return quote!(#pattern => {});
        }
        let index = 0..count;
        quote!(#pattern => match entropy % #count {
            #(#index => ::seedbed_node::Wire::alter(#alterable, entropy / #count),)*
            _ => unreachable!(),
        },)
    });
    Ok(quote! {
        #[automatically_derived]
        #[allow(clippy::modulo_one)]
        impl #generics ::seedbed_node::Wire for #ident #arguments #bounds {
            #[allow(unused_variables)]
            fn wire_bytes(&self) -> u32 {
                match self { #(#sizes)* }
            }
            #[allow(unused_variables)]
            fn alter(&mut self, entropy: u64) {
                match self { #(#altered)* }
            }
        }
    })
}

fn shapes(input: &DeriveInput) -> Result<Vec<Shape>> {
    match &input.data {
        Data::Struct(data) => Ok(vec![shape(&quote!(Self), input.ident.clone(), &data.fields)?]),
        Data::Enum(data) => {
            if data.variants.is_empty() {
                return Err(Error::new_spanned(&input.ident, "a message needs at least one kind"));
            }
            data.variants
                .iter()
                .map(|v| {
                    let variant = &v.ident;
                    shape(&quote!(Self::#variant), variant.clone(), &v.fields)
                })
                .collect()
        }
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "unions cannot be sent")),
    }
}

fn shape(path: &TokenStream, name: Ident, fields: &Fields) -> Result<Shape> {
    let mut bytes = Vec::new();
    let mut alterable = Vec::new();
    let mut bindings = Vec::new();
    for (position, field) in fields.iter().enumerate() {
        let binding = format_ident!("field_{position}");
        match fixed_bytes(field)? {
            Some(size) => bytes.push(quote!(#size)),
            None => bytes.push(quote!(::seedbed_node::Wire::wire_bytes(#binding))),
        }
        bindings.push(match &field.ident {
            Some(name) => quote!(#name: #binding),
            None => quote!(#binding),
        });
        if fixed_bytes(field)?.is_none() {
            alterable.push(binding);
        }
    }
    let pattern = match fields {
        Fields::Named(_) => quote!(#path { #(#bindings),* }),
        Fields::Unnamed(_) => quote!(#path(#(#bindings),*)),
        Fields::Unit => quote!(#path),
    };
    Ok(Shape { pattern, name, bytes, alterable })
}

/// `#[wire(bytes = 32)]`: the field counts that many bytes and is not altered by noise, so that
/// its type need not implement `Wire`.
fn fixed_bytes(field: &syn::Field) -> Result<Option<u32>> {
    let mut size = None;
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("wire")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("bytes") {
                return Err(meta.error("expected `bytes = NUMBER`"));
            }
            size = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
            Ok(())
        })?;
    }
    Ok(size)
}
