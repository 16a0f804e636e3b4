using System.Text;
using DataSsl.Runtime.Storage;

namespace DataSsl.Cli.Terminal;

/// <summary>
/// One of the process's streams of text while a command runs: what the system refuses to take is the command's to judge. The stream is the
/// old one again afterwards.
/// </summary>
internal abstract class GuardedWriter : TextWriter
{
    private readonly TextWriter to;
    private readonly Action<TextWriter> set;

    /// <param name="to">The stream.</param>
    /// <param name="set">Puts another in its place; this one is put there at once.</param>
    protected GuardedWriter(TextWriter to, Action<TextWriter> set)
    {
        (this.to, this.set) = (to, set);
        set(this);
    }

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => Try(() => to.Write(value));

    public override void Write(string? value) => Try(() => to.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => to.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => to.WriteLine(value));

    public override void Flush() => Try(to.Flush);

    /// <summary>Whether nothing is written any more.</summary>
    protected virtual bool IsLost => false;

    /// <summary>What is done about a refusal (<see cref="WriteFailure.Is"/>).</summary>
    protected abstract void Refused(Exception e);

    private void Try(Action write)
    {
        if (IsLost) return;
        try
        {
            write();
        }
        catch (Exception e) when (WriteFailure.Is(e))
        {
            Refused(e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) set(to);
        base.Dispose(disposing);
    }
}
