namespace DataSsl.Fuzz;

/// <summary>
/// What a command reads a file with, called in this process: every damage goes through it, and the whole command is called for where that
/// leaves a doubt, and for each so-manyeth besides.
/// </summary>
/// <param name="read">Reads a file as the command does, and tells in texts what it takes from it.</param>
internal sealed class Reader(Func<string, IEnumerable<string>> read)
{
    /// <summary>No divisor of this is one of the numbers that kinds of damage and verbs take turns by.</summary>
    private const int Every = 20;

    private HashSet<string> sound = [];

    /// <summary>Commands that were called for because something else was read than is in the sound file.</summary>
    public int Doubts { get; private set; }

    /// <summary>Damages that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Reads the sound file.</summary>
    public void Begin(string file)
    {
        sound = [.. read(file)];
        Assert.NotEmpty(sound);
    }

    /// <summary>
    /// Reads a damaged one: refused in one line that names it, or no more than the sound one holds, or a case for the command.
    /// </summary>
    /// <returns>Whether the command is called for, and what refuses the file.</returns>
    public (bool IsCalledFor, string? Refused) Read(string what, string file, int seed)
    {
        var (found, why) = Refusal.Of(what, file, () => read(file).ToList());
        if (why is not null) Refused++;
        var isDoubt = why is null && !sound.IsSupersetOf(found!);
        if (isDoubt) Doubts++;
        return (isDoubt || seed % Every == 0, why);
    }
}
