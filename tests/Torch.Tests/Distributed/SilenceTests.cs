using System.Diagnostics;
using DataSsl.Torch.Distributed;

namespace DataSsl.Torch.Tests.Distributed;

/// <summary>Who is told of as silent: the others, and never because this process was stopped itself.</summary>
public sealed class SilenceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Silence silence = new(Patience, At(0));

    [Fact]
    public void Silence_counts_from_the_last_word_on()
    {
        for (var second = 1; second <= 5; second++) silence.Turn(At(second));
        silence.Heard();
        for (var second = 6; second <= 25; second++) silence.Turn(At(second));
        Assert.Equal(Patience, silence.Length);
        Assert.False(silence.IsTooLong);
        silence.Turn(At(26));
        Assert.True(silence.IsTooLong);
    }

    /// <summary>The stop falls between a turn's beginning and its question, or between two turns.</summary>
    [Fact]
    public void Time_in_which_the_listener_was_stopped_itself_does_not_count()
    {
        silence.Turn(At(1));
        silence.Heard();
        // An hour passes here.
        Assert.False(silence.IsTooLong);
        silence.Turn(At(3600));
        Assert.False(silence.IsTooLong);
        for (var second = 1; second <= 20; second++) silence.Turn(At(3600 + second));
        Assert.False(silence.IsTooLong);
        silence.Turn(At(3621));
        Assert.True(silence.IsTooLong);
    }

    private static long At(int second) => second * Stopwatch.Frequency;
}
