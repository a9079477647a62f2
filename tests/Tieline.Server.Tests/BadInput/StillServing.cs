using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.BadInput;

/// <summary>Whatever a test sent, the next message still goes through.</summary>
public abstract class StillServing : TwoPeople
{
    public override async ValueTask DisposeAsync()
    {
        (await Ada.SendAsync(Bob, "still serving")).GetProperty("type").GetString().ShouldBe("ack");
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
