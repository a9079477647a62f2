using Tieline.Core.Ledgers;
using Tieline.Core.Storage;

namespace Tieline.Server.Tests.Storage;

/// <summary>A submission whose end is seen at the very moment.</summary>
internal sealed class Watched(Command command, Action<Outcome>? completed = null) : Submission(command)
{
    private readonly TaskCompletionSource<Outcome> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Outcome> Outcome => _source.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public override void Complete(Outcome outcome)
    {
        completed?.Invoke(outcome);
        _source.SetResult(outcome);
    }

    public override void Lose(Exception reason) => _source.SetException(new OutcomeUnknownException(reason));
}

/// <summary>A command that no rule knows.</summary>
internal sealed record Nonsense : Command;
