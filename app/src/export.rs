//! `kith export`: an audience, or everybody, as a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use kith_admin::access::generate_export_id;
use kith_definition::Kind;
use kith_engine::query;
use kith_event::{Export, Record};
use kith_export::{Counts, Format, Request, Selection};
use kith_runtime::Handle;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{BadInput, Output, Verdict};
use crate::target::{self, Target};
use crate::wiring::block_on;

/// Options of `kith export`.
#[derive(Debug, Args)]
pub struct Options {
    /// What to take out
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The members of an audience
    Audience {
        /// Its id
        id: String,
        /// The file
        #[command(flatten)]
        file: FileOptions,
        /// Hashed contacts for an ad platform: google, meta or tiktok; only of persons who said
        /// yes to --consent
        #[arg(long = "for", conflicts_with_all = ["format", "identifiers", "traits", "features"])]
        platform: Option<String>,
        /// Category a person must have said yes to, for an ad platform
        #[arg(long, default_value = "marketing")]
        consent: String,
    },
    /// Everybody
    Profiles {
        /// The file
        #[command(flatten)]
        file: FileOptions,
    },
}

#[derive(Debug, Args)]
struct FileOptions {
    /// csv, ndjson or parquet
    #[arg(long, default_value = "csv")]
    format: String,
    /// File to write; - for stdout
    #[arg(long)]
    out: PathBuf,
    /// Namespaces of identifiers, with commas between [default: all]
    #[arg(long, value_delimiter = ',')]
    identifiers: Option<Vec<String>>,
    /// Traits, with commas between, computed ones too [default: all]
    #[arg(long, value_delimiter = ',')]
    traits: Option<Vec<String>>,
    /// Features, with commas between [default: none]
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    #[command(flatten)]
    target: target::Options,
}

/// Runs the command.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    let (audience, file, platform, consent) = match &options.what {
        What::Audience {
            id,
            file,
            platform,
            consent,
        } => (id.as_str(), file, platform.as_ref(), consent.as_str()),
        What::Profiles { file } => ("", file, None, ""),
    };
    let request = Request {
        audience: audience.to_owned(),
        format: format(&file.format, platform)?,
        selection: Selection {
            identifiers: file.identifiers.clone(),
            traits: file.traits.clone(),
            features: file.features.clone(),
        },
        consent: consent.to_owned(),
    };
    let target = file.target.open()?;
    let mut out = Out::create(&file.out)?;
    let done = match &target {
        Target::Server(client) => from_server(client, &request, &mut out)?,
        Target::Folder(handle) => from_folder(handle, &request, &mut out)?,
    };
    out.finish()?;
    if !done.complete {
        bail!("the export ended early, after {} rows", done.rows);
    }
    let withheld: u64 = done.withheld.values().sum();
    let reasons: Vec<String> = done
        .withheld
        .iter()
        .map(|(reason, persons)| format!("  {persons} {}", in_words(reason)))
        .collect();
    let mut text = format!("{} rows in {}", done.rows, file.out.display());
    if withheld > 0 {
        text = format!(
            "{text}\n{withheld} persons are left out:\n{}",
            reasons.join("\n")
        );
    }
    let object = json!({"export_id": done.export_id, "rows": done.rows, "withheld": done.withheld,
        "file": file.out.display().to_string()});
    output.result(&object, &text);
    Ok(Verdict::Done)
}

fn in_words(reason: &str) -> &str {
    match reason {
        "no-consent" => "were never asked for consent",
        "consent-refused" => "refused consent",
        "no-contact" => "have neither a sound e-mail address nor a sound phone number",
        other => other,
    }
}

fn format(text: &str, platform: Option<&String>) -> Result<Format> {
    let wanted = platform.map_or(text, String::as_str);
    let found = Format::parse(wanted);
    let fits = |found: &Format| matches!(found, Format::Ads(_)) == platform.is_some();
    found.filter(fits).ok_or_else(|| {
        let hint = match platform {
            Some(_) => "--for takes google, meta or tiktok",
            None => "--format takes csv, ndjson or parquet; for an ad platform write --for",
        };
        BadInput(format!("{wanted} is not known: {hint}")).into()
    })
}

fn from_server(client: &Client, request: &Request, out: &mut Out) -> Result<Export> {
    let mut path = format!("/api/v1/export?format={}", request.format.as_str());
    let mut add = |name: &str, value: &str| {
        // Names of traits may hold anything.
        let encoded: String = value.bytes().map(escaped).collect();
        path.push_str(&format!("&{name}={encoded}"));
    };
    if !request.audience.is_empty() {
        add("audience", &request.audience);
    }
    let Selection {
        identifiers,
        traits,
        features,
    } = &request.selection;
    for (name, list) in [("identifiers", identifiers), ("traits", traits)] {
        if let Some(list) = list {
            add(name, &list.join(","));
        }
    }
    if !features.is_empty() {
        add("features", &features.join(","));
    }
    if matches!(request.format, Format::Ads(_)) {
        add("consent", &request.consent);
    }
    let (mut body, export_id) = client.download(&path, "kith-export-id")?;
    let bar = ProgressBar::new_spinner().with_style(style("{bytes} received"));
    io::copy(&mut body, &mut bar.wrap_write(&mut out.file)).context("receiving the file")?;
    bar.finish_and_clear();
    let entry = client.get(&format!("/api/v1/exports/{export_id}"))?;
    Ok(Export {
        complete: entry["complete"].as_bool().unwrap_or(false),
        rows: entry["rows"].as_u64().unwrap_or(0),
        withheld: withheld(&entry["withheld"]),
        ..record(request, export_id)
    })
}

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b',' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

fn withheld(list: &Value) -> BTreeMap<String, u64> {
    let rows = list.as_array().into_iter().flatten();
    let row = |row: &Value| Some((row["reason"].as_str()?.to_owned(), row["persons"].as_u64()?));
    rows.filter_map(row).collect()
}

fn from_folder(handle: &Handle, request: &Request, out: &mut Out) -> Result<Export> {
    let view = handle.view();
    let kind = Kind::Audience.as_str();
    if !request.audience.is_empty()
        && query::definition(&*view.state, kind, &request.audience)?
            .is_none_or(|found| found.row.archived)
    {
        return Err(BadInput(format!("there is no audience {}", request.audience)).into());
    }
    let now = kith_runtime::now();
    let mut export = record(request, generate_export_id(now));
    let tell = |export: &Export| {
        let record = Record::Export(export.clone());
        block_on(handle.append_applied(vec![record]))?.context("writing that a file leaves")
    };
    tell(&export)?;
    let bar = ProgressBar::new(0).with_style(style("{pos} of {len} persons, {eta} left"));
    let mut counts = Counts::default();
    let written = kith_export::write(
        &view,
        request,
        now,
        &mut out.file,
        &mut counts,
        |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
    );
    bar.finish_and_clear();
    export.finished_at = Some(kith_runtime::now());
    export.complete = written.is_ok();
    export.rows = counts.rows;
    export.withheld = counts.withheld;
    tell(&export)?;
    written.context("writing the file")?;
    Ok(export)
}

fn record(request: &Request, export_id: String) -> Export {
    Export {
        export_id,
        at: kith_runtime::now(),
        by: "kith export".to_owned(),
        audience: request.audience.clone(),
        format: request.format.as_str().to_owned(),
        finished_at: None,
        complete: false,
        rows: 0,
        withheld: BTreeMap::new(),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template names known values only")
}

/// A file that appears under its name only when it is whole.
struct Out {
    file: Box<dyn Write + Send>,
    part: Option<(PathBuf, PathBuf)>,
}

impl Out {
    fn create(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            let file = Box::new(io::stdout());
            return Ok(Out { file, part: None });
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let file = File::create(&part)
            .map_err(|error| BadInput(format!("cannot write {}: {error}", part.display())))?;
        Ok(Out {
            file: Box::new(file),
            part: Some((part, path.to_owned())),
        })
    }

    fn finish(mut self) -> Result<()> {
        self.file.flush().context("writing the file")?;
        if let Some((part, path)) = &self.part {
            std::fs::rename(part, path)
                .with_context(|| format!("naming the file {}", path.display()))?;
        }
        Ok(())
    }
}
