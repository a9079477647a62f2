using System.Globalization;

namespace Tieline.Protocol;

/// <summary>A moment in UTC, in whole microseconds since 1970. On the wire always <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>, six digits even when they are zero.</summary>
public readonly record struct Timestamp(long Microseconds) : IComparable<Timestamp>
{
    public const int Length = 27;
    private const string Format = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    public static Timestamp From(DateTimeOffset time) => new((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.Ticks + (Microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public int CompareTo(Timestamp other) => Microseconds.CompareTo(other.Microseconds);

    public override string ToString() => ToDateTimeOffset().UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Writes the 27 ASCII bytes of the wire form.</summary>
    public int WriteUtf8(Span<byte> target)
    {
        ToDateTimeOffset().UtcDateTime.TryFormat(target, out var written, Format, CultureInfo.InvariantCulture);
        return written;
    }

    public static bool TryParse(string? text, out Timestamp timestamp)
    {
        var parsed = DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        timestamp = parsed ? From(new DateTimeOffset(time, TimeSpan.Zero)) : default;
        return parsed;
    }

    public static bool operator <(Timestamp left, Timestamp right) => left.Microseconds < right.Microseconds;
    public static bool operator >(Timestamp left, Timestamp right) => left.Microseconds > right.Microseconds;
    public static bool operator <=(Timestamp left, Timestamp right) => left.Microseconds <= right.Microseconds;
    public static bool operator >=(Timestamp left, Timestamp right) => left.Microseconds >= right.Microseconds;
}
