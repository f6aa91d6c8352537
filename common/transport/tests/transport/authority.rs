//! The authority: what it signs, what it refuses to sign, and for how long.

use std::time::{Duration, SystemTime};

use berth_transport::{Authority, AuthorityError, JoinKey, KeyError, PeerIdentity, Role, SecretPem, Subject};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn authority() -> Authority {
    Authority::create(Uuid::new_v4()).expect("an authority")
}

fn sled() -> Subject {
    Subject::sled(Uuid::new_v4(), Vec::new())
}

#[test]
fn a_join_key_and_the_authoritys_answer_make_key_material() {
    let authority = authority();
    let subject = sled();
    let key = JoinKey::generate().expect("a key");
    let certificate = authority.sign_request(key.request_pem(), &subject).expect("a certificate");
    let material = key.complete(authority.cert_pem(), &certificate).expect("key material");
    let expected = PeerIdentity { cluster: authority.cluster(), role: Role::Sled, id: subject.id };
    assert_eq!(material.identity(), expected);
}

#[test]
fn an_answer_to_another_request_does_not_fit_the_key() {
    let authority = authority();
    let (own, other) = (JoinKey::generate().expect("a key"), JoinKey::generate().expect("a key"));
    let certificate = authority.sign_request(other.request_pem(), &sled()).expect("a certificate");
    let refused = own.complete(authority.cert_pem(), &certificate);
    assert!(matches!(refused, Err(KeyError::ForeignKey(_))), "{refused:?}");
}

#[test]
fn a_request_cannot_choose_its_identity_or_its_rights() {
    let authority = authority();
    let subject = sled();
    let mut asked = CertificateParams::new(vec!["nexus.example".to_owned()]).expect("parameters");
    let coveted = PeerIdentity { cluster: authority.cluster(), role: Role::Nexus, id: Uuid::new_v4() };
    asked.subject_alt_names.push(SanType::URI(coveted.uri().try_into().expect("ASCII")));
    asked.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    asked.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    asked.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    let key = KeyPair::generate().expect("a key");
    // The library only writes a request that asks for no CA; its subject alternative names are the attack then.
    let request = asked.serialize_request(&key).or_else(|_| {
        asked.is_ca = IsCa::NoCa;
        asked.serialize_request(&key)
    });
    let request = request.expect("a request").pem().expect("PEM");
    let certificate = authority.sign_request(&request, &subject).expect("a certificate");
    let der = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
    let identity = PeerIdentity::from_der(&der).expect("an identity");
    assert_eq!((identity.role, identity.id), (Role::Sled, subject.id));
    let (_, parsed) = X509Certificate::from_der(&der).expect("a certificate");
    assert!(!parsed.is_ca());
    let usage = parsed.key_usage().expect("readable").expect("there").value;
    assert!(usage.digital_signature() && !usage.key_cert_sign());
    let names = parsed.subject_alternative_name().expect("readable").expect("there");
    assert_eq!(names.value.general_names.len(), 1);
}

#[test]
fn bad_requests_are_refused() {
    let authority = authority();
    let good = JoinKey::generate().expect("a key").request_pem().to_owned();
    let sign = |request: &str| authority.sign_request(request, &sled());
    assert!(sign(&good).is_ok());
    assert!(matches!(sign(""), Err(AuthorityError::BadRequest(_))));
    assert!(matches!(sign("-----BEGIN nothing"), Err(AuthorityError::BadRequest(_))));
    assert!(matches!(sign(authority.cert_pem()), Err(AuthorityError::BadRequest(_))));
    assert!(matches!(sign(&good.repeat(100)), Err(AuthorityError::RequestTooLarge)));
    let larger_curve = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key");
    let request = CertificateParams::default().serialize_request(&larger_curve).expect("a request");
    let refused = sign(&request.pem().expect("PEM"));
    assert!(matches!(refused, Err(AuthorityError::UnsupportedKey)), "{refused:?}");
}

#[test]
fn a_request_changed_after_its_signature_is_refused() {
    let authority = authority();
    let good = JoinKey::generate().expect("a key").request_pem().to_owned();
    let lines: Vec<&str> = good.lines().collect();
    let mut refusals = 0;
    // One character of each body line but the last (its tail bits may be padding).
    for line in 1..lines.len() - 2 {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let replacement = if changed[line].starts_with('A') { "B" } else { "A" };
        changed[line].replace_range(0..1, replacement);
        let refused = authority.sign_request(&changed.join("\n"), &sled());
        assert!(matches!(refused, Err(AuthorityError::BadRequest(_))), "line {line}: {refused:?}");
        refusals += 1;
    }
    assert!(refusals >= 2);
}

#[test]
fn a_name_that_could_be_taken_for_an_identity_is_refused() {
    let authority = authority();
    for name in ["", "berth://x/nexus/y", "a b", "a:1", "ä.example"] {
        let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), vec![name.to_owned()]);
        assert!(matches!(authority.issue(&subject), Err(AuthorityError::BadName { .. })), "{name:?}");
    }
    let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), vec!["nexus.example".to_owned()]);
    assert!(authority.issue(&subject).is_ok());
}

#[test]
fn a_certificate_is_backdated_a_day_and_rotates_at_two_thirds_of_its_life() {
    let now = SystemTime::now();
    let material = authority().issue_at(&sled(), now).expect("a certificate");
    let life = 366 * DAY;
    let made = now - DAY;
    assert!(material.not_after() <= made + life && material.not_after() > made + life - HOUR);
    assert!(!material.needs_rotation(now));
    assert!(!material.needs_rotation(made + life * 2 / 3 - HOUR));
    assert!(material.needs_rotation(made + life * 2 / 3 + HOUR));
    assert!(material.needs_rotation(made + life * 2));
}

#[test]
fn two_certificates_of_one_key_have_different_serial_numbers() {
    let authority = authority();
    let key = JoinKey::generate().expect("a key");
    let serial = || {
        let pem = authority.sign_request(key.request_pem(), &sled()).expect("a certificate");
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
        X509Certificate::from_der(&der).expect("a certificate").1.raw_serial_as_string()
    };
    assert_ne!(serial(), serial());
}

#[test]
fn an_authority_read_back_issues_what_the_first_vouches_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = authority();
    first.store(dir.path().join("authority")).expect("stored");
    let second = Authority::load(first.cluster(), dir.path().join("authority")).expect("loaded");
    let material = second.issue(&sled()).expect("a certificate");
    // Key material checks its chain: it would refuse another authority.
    let key = SecretPem::new(material.key_pem().expose());
    assert!(berth_transport::KeyMaterial::new(first.cert_pem(), material.cert_pem(), key).is_ok());
}

#[test]
fn an_authority_takes_neither_a_foreign_key_nor_a_leaf_certificate() {
    let (one, other) = (authority(), authority());
    let refused = Authority::from_pem(one.cluster(), one.cert_pem(), other.key_pem().clone());
    assert!(matches!(refused, Err(AuthorityError::ForeignKey)), "{refused:?}");
    let leaf = one.issue(&sled()).expect("a certificate");
    let refused = Authority::from_pem(one.cluster(), leaf.cert_pem(), leaf.key_pem().clone());
    assert!(matches!(refused, Err(AuthorityError::NotAnAuthority)), "{refused:?}");
    let refused = Authority::from_pem(one.cluster(), "nonsense", one.key_pem().clone());
    assert!(matches!(refused, Err(AuthorityError::NotAnAuthority)), "{refused:?}");
}
