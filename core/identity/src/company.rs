//! The company that an e-mail address belongs to, by its domain, or a visitor, by their network.

use kith_base::Network;
use kith_definition::Normalise;

use crate::Rules;

/// Domains at which anybody may have an address. The largest providers of mail, after the lists
/// that HubSpot and Clearbit publish of domains that name no company.
#[rustfmt::skip]
const PROVIDERS: &[&str] = &[
    "126.com", "139.com", "163.com", "aim.com", "aliyun.com", "aol.com", "arcor.de", "att.net",
    "bellsouth.net", "bigpond.com", "bk.ru", "bluewin.ch", "bol.com.br", "btinternet.com",
    "charter.net", "comcast.net", "cox.net", "daum.net", "duck.com", "earthlink.net", "email.com",
    "fastmail.com", "foxmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
    "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hanmail.net", "hey.com", "hinet.net",
    "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it",
    "icloud.com", "inbox.com", "inbox.lv", "inbox.ru", "interia.pl", "kakao.com", "laposte.net",
    "libero.it", "list.ru", "live.co.uk", "live.com", "live.de", "live.fr", "live.nl", "mac.com",
    "mail.com", "mail.ru", "mailinator.com", "me.com", "msa.hinet.net", "msn.com", "naver.com",
    "o2.pl", "onet.pl", "online.de", "optonline.net", "orange.fr", "outlook.com", "outlook.de",
    "outlook.es", "outlook.fr", "outlook.jp", "pm.me", "posteo.de", "proton.me", "protonmail.ch",
    "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com", "sbcglobal.net",
    "seznam.cz", "sfr.fr", "shaw.ca", "sina.cn", "sina.com", "sky.com", "sohu.com", "sympatico.ca",
    "t-online.de", "talktalk.net", "telus.net", "terra.com.br", "tiscali.it", "tuta.com",
    "tutanota.com", "uol.com.br", "verizon.net", "virgilio.it", "virginmedia.com", "wanadoo.fr",
    "web.de", "wp.pl", "ya.ru", "yahoo.ca", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk",
    "yahoo.com", "yahoo.com.br", "yahoo.com.tw", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it",
    "yandex.com", "yandex.ru", "yeah.net", "ymail.com", "zoho.com",
];

impl Rules {
    /// The domain of a normalised identifier when it names a company: of an e-mail address, and
    /// not one at which anybody may have an address.
    pub fn company_of<'a>(&self, namespace: &str, value: &'a str) -> Option<&'a str> {
        let companies = self.companies.as_ref()?;
        if self.namespace(namespace).normalise != Normalise::Email {
            return None;
        }
        let (_, domain) = value.rsplit_once('@')?;
        let is_shared = PROVIDERS.binary_search(&domain).is_ok() || companies.contains(domain);
        (!is_shared).then_some(domain)
    }
}

impl Rules {
    /// The account of the smallest network that an address belongs to, of which the coarse
    /// network is known.
    pub fn account_of_network(&self, coarse: &Network) -> Option<&str> {
        let mut networks = self.networks.iter();
        let (_, account) = networks.find(|(network, _)| network.contains(coarse))?;
        Some(account)
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Json;
    use kith_definition::Identity;

    use super::*;

    #[test]
    fn domains_of_providers_name_no_company() {
        assert!(PROVIDERS.is_sorted());
        let text = r#"{"accounts_by_domain": true, "mail_providers": ["campus.example"]}"#;
        let identity = Identity::parse(&Json::parse(text).unwrap()).unwrap();
        let rules = Rules::from(&identity);
        let check = |namespace: &str, value: &str, expect: Option<&str>| {
            assert_eq!(rules.company_of(namespace, value), expect, "{value}");
        };
        check("email", "ada@acme.example", Some("acme.example"));
        check("email", "ada@gmail.com", None);
        check("email", "ada@campus.example", None);
        check("user_id", "ada@acme.example", None);
        check("email", "nobody", None);
        assert_eq!(Rules::default().company_of("email", "a@acme.example"), None);
    }
}
