using System.Diagnostics;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// How long the others have been silent for a listener that looks once a turn. A listener may be stopped itself, anywhere in a turn, and
/// has heard nobody meanwhile: so the time is that at which the turn began, and after a turn that took too long it counts anew.
/// </summary>
/// <param name="patience">How long another may be silent; turns are far shorter.</param>
/// <param name="now">As of <see cref="Stopwatch.GetTimestamp"/>.</param>
internal sealed class Silence(TimeSpan patience, long now)
{
    private long turn = now;
    private long heard = now;

    /// <summary>How long nobody has been heard.</summary>
    public TimeSpan Length => Stopwatch.GetElapsedTime(heard, turn);

    /// <summary>Whether that is longer than another may be silent.</summary>
    public bool IsTooLong => Length > patience;

    /// <summary>To be called first in each turn.</summary>
    public void Turn(long now)
    {
        if (Stopwatch.GetElapsedTime(turn, now) > patience / 2) heard = now;
        turn = now;
    }

    /// <summary>Another was heard in this turn.</summary>
    public void Heard() => heard = turn;
}
