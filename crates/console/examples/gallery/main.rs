//! Writes every page of the gallery as an HTML file, with the static files beside it, into the folder
//! given as argument. Serve that folder over HTTP to look at it.
mod pages;

use std::{error::Error, fs, path::Path};

use console::assets;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: gallery FOLDER")?;
    let folder = Path::new(&folder);
    for (_, asset) in assets::all() {
        let file = folder.join(asset.url.trim_start_matches('/'));
        fs::create_dir_all(file.parent().ok_or("an asset has a folder")?)?;
        fs::write(file, &asset.plain)?;
    }
    let mut names = Vec::new();
    for (name, html) in pages::all() {
        fs::write(folder.join(format!("{name}.html")), html)?;
        names.push(format!("\"{name}\""));
    }
    fs::write(
        folder.join("pages.json"),
        format!("{{\"now\":{},\"names\":[{}]}}", pages::NOW, names.join(",")),
    )?;
    println!("{} pages in {}", names.len(), folder.display());
    Ok(())
}
