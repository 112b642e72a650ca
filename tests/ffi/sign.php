<?php
// sign.php LIBRARY CDEF: E*TRADE's published vector, signed from PHP, and two wrong calls.
declare(strict_types=1);

[, $library, $cdef] = $argv;
// Refuses declarations of what the library lacks.
$lib = FFI::cdef(file_get_contents($cdef), $library);

function expect(bool $what, string $why = ""): void
{
    if (!$what) {
        throw new Exception($why);
    }
}

expect($lib->etoauth_version_number() === $lib->ETOAUTH_VERSION_NUMBER);
expect($lib->etoauth_status_text($lib->ETOAUTH_E_NULL) === "An argument that must not be NULL is NULL.");

function last_error(FFI $lib): array
{
    $status = $lib->new("etoauth_status");
    $text = $lib->new("char[$lib->ETOAUTH_ERROR_MAX]");
    expect($lib->etoauth_last_error(FFI::addr($status), $text, FFI::sizeof($text), null) === $lib->ETOAUTH_OK);
    return [$status->cdata, FFI::string($text)];
}

$signer = $lib->new("etoauth_signer *");
expect($lib->etoauth_signer_new(
    "c5bb4dcb7bd6826c7c4340df3f791188", "7d30246211192cda43ede3abd9b393b9",
    "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=", "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=",
    FFI::addr($signer)) === $lib->ETOAUTH_OK);
$header = $lib->new("char[$lib->ETOAUTH_HEADER_MAX]");
$length = $lib->new("size_t");
$url = "https://api.etrade.com/v1/accounts/list";
$sign = fn (?string $url): int => $lib->etoauth_signer_sign_at(
    $signer, "GET", $url, null, 1344885636, "0bba225a40d1bbac2430aa0c6163ce44", $header, FFI::sizeof($header),
    FFI::addr($length));

expect($sign($url) === $lib->ETOAUTH_OK);
expect(str_contains(FFI::string($header), 'oauth_signature="UOnPVdzExTAgHkcGWLLfeTaaMSM%3D"'));
expect($length->cdata === strlen(FFI::string($header)));

expect($sign(null) === $lib->ETOAUTH_E_NULL);
[$status, $text] = last_error($lib);
expect($status === $lib->ETOAUTH_E_NULL && str_contains($text, "url"), $text);
expect($lib->etoauth_signer_free($signer) === $lib->ETOAUTH_OK);
expect($sign($url) === $lib->ETOAUTH_E_HANDLE);
[$status, $text] = last_error($lib);
expect($status === $lib->ETOAUTH_E_HANDLE && str_contains($text, "signer"), $text);
echo "signed, and refused twice\n";
