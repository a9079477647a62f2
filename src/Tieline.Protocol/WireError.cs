namespace Tieline.Protocol;

/// <summary>One stable error code of the wire, and what it becomes over each transport. The one table; <c>protocol/errors.md</c> is checked against it.</summary>
/// <param name="Code">The stable word in <c>error.code</c>.</param>
/// <param name="Status">The HTTP status of a REST answer.</param>
/// <param name="Retryable">True when the same request may succeed later. A retryable refusal of a send holds the sends behind it.</param>
/// <param name="Close">The close code where the fault ends the connection.</param>
public sealed record WireError(string Code, int Status, bool Retryable, int? Close = null)
{
    public static readonly WireError Invalid = new("invalid", 400, false);
    public static readonly WireError NotJson = new("not_json", 400, false, CloseCodes.NotJson);
    public static readonly WireError UnknownType = new("unknown_type", 400, false);
    public static readonly WireError Self = new("self", 400, false, CloseCodes.PolicyViolation);
    public static readonly WireError BadHandshake = new("bad_handshake", 400, false);
    public static readonly WireError Unauthorized = new("unauthorized", 401, false, CloseCodes.Unauthorized);
    public static readonly WireError Forbidden = new("forbidden", 403, false, CloseCodes.Forbidden);
    public static readonly WireError Blocked = new("blocked", 403, false);
    public static readonly WireError NotFound = new("not_found", 404, false, CloseCodes.NotFound);
    public static readonly WireError MethodNotAllowed = new("method_not_allowed", 405, false);
    public static readonly WireError Conflict = new("conflict", 409, false);
    public static readonly WireError TooLarge = new("too_large", 413, false, CloseCodes.MessageTooBig);
    public static readonly WireError Held = new("held", 425, true);
    public static readonly WireError UpgradeRequired = new("upgrade_required", 426, false);
    public static readonly WireError RateLimited = new("rate_limited", 429, true, CloseCodes.SlowDown);
    public static readonly WireError Internal = new("internal", 500, true, CloseCodes.InternalError);
    public static readonly WireError Unavailable = new("unavailable", 503, true, CloseCodes.TryAgainLater);
    public static readonly WireError Restarting = new("restarting", 503, true, CloseCodes.ServiceRestart);
    public static readonly WireError StorageFull = new("storage_full", 507, true);
    public static readonly WireError TooSlow = new("too_slow", 503, true, CloseCodes.TooSlow);

    public static IReadOnlyList<WireError> All { get; } =
    [
        Invalid, NotJson, UnknownType, Self, BadHandshake, Unauthorized, Forbidden, Blocked, NotFound, MethodNotAllowed, Conflict,
        TooLarge, Held, UpgradeRequired, RateLimited, Internal, Unavailable, Restarting, StorageFull, TooSlow,
    ];

    public static WireError? Find(string code) => All.FirstOrDefault(error => error.Code == code);
}
