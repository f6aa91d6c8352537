//! Prints the public API's OpenAPI document. `cargo xtask openapi` writes it to `nexus.json`.

fn main() -> Result<(), berth_nexus_api::openapi::DocumentError> {
    print!("{}", berth_nexus_api::openapi::document()?);
    Ok(())
}
