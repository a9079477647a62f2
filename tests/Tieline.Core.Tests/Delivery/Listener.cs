using Tieline.Core.Delivery;

namespace Tieline.Core.Tests.Delivery;

/// <summary>Counts how often it was woken.</summary>
internal sealed class Listener : IFeedListener
{
    public int Woken { get; private set; }

    public void Wake() => Woken++;
}
