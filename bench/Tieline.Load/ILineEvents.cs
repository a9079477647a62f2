namespace Tieline.Load;

/// <summary>What a line tells the load that drives it; each load is an implementation.</summary>
internal interface ILineEvents
{
    /// <summary>The line is open and has everything that was stored before.</summary>
    void Ready(Line line);

    /// <summary>The server says that this line's message of this number is stored.</summary>
    void Acknowledged(Line line, int number);

    /// <summary>A message of somebody else arrived, live or as part of what was missed.</summary>
    void Arrived(Line line, Letter letter);

    void Broken(Line line, string why);
}
