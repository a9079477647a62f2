namespace Tieline.Doctor.Probes;

/// <summary>Where a probe ended when it got no HTTP answer.</summary>
internal enum Fault
{
    None,
    NameUnknown,
    Refused,
    Unreachable,
    ConnectTimeout,
    ForwardDenied,
    ForwardAuth,
    TlsRefused,
    TlsSilent,
    TlsReset,
    TlsNotSpoken,
    Silent,
    Closed,
    Reset,
    NotHttp,
}
