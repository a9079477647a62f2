using CsCheck;

namespace Tieline.Server.Tests.Resume;

public sealed class ResumePropertyTests
{
    private static readonly Gen<Act> _act = Gen.Frequency(
        (24, Gen.Const(Act.Send)), (8, Gen.Const(Act.SendOverHttp)), (8, Gen.Const(Act.SendAndBreak)), (8, Gen.Const(Act.Resend)), (3, Gen.Const(Act.Reuse)),
        (10, Gen.Const(Act.Read)), (6, Gen.Const(Act.Receive)), (4, Gen.Const(Act.Clear)),
        (1, Gen.Const(Act.Block)), (4, Gen.Const(Act.Unblock)), (2, Gen.Const(Act.Mute)), (2, Gen.Const(Act.Unmute)),
        (14, Gen.Const(Act.Resume)), (6, Gen.Const(Act.ResumeAmidSends)), (2, Gen.Const(Act.Restart)),
        (14, Gen.Const(Act.GroupSay)), (5, Gen.Const(Act.GroupCome)), (4, Gen.Const(Act.GroupGo)), (2, Gen.Const(Act.GroupName)), (5, Gen.Const(Act.GroupRead)),
        (2, Gen.Const(Act.GroupClear)), (2, Gen.Const(Act.GroupMute)),
        (6, Gen.Const(Act.Edit)), (4, Gen.Const(Act.DeleteForAll)), (4, Gen.Const(Act.DeleteForMe)), (7, Gen.Const(Act.React)), (5, Gen.Const(Act.Pin)), (5, Gen.Const(Act.Star)),
        (4, Gen.Const(Act.Draft)), (6, Gen.Const(Act.Reply)), (5, Gen.Const(Act.Forward)), (5, Gen.Const(Act.Disappear)), (2, Gen.Const(Act.TimePasses)));

    private static readonly Gen<Step[]> _steps = Gen.Select(_act, Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[0, 9_999],
        (act, who, other, number) => new Step(act, who, other, number)).Array[120, 190];

    /// <summary>A failure names its seed: run again with the environment variable CsCheck_Seed.</summary>
    [Fact]
    public async Task Resumed_from_any_position_on_any_transport_a_client_knows_what_the_uninterrupted_stream_told() =>
        await _steps.SampleAsync(async steps =>
        {
            await using var run = await ChatRun.StartAsync();
            foreach (var step in steps) await run.DoAsync(step);
            await run.CheckAsync();
        }, iter: 3, threads: 1);
}
