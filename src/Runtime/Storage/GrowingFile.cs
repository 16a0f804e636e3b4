namespace DataSsl.Runtime.Storage;

/// <summary>A file that is open to be added to: what is added is there whole or, where it cannot be written, not at all.</summary>
public sealed class GrowingFile : IDisposable
{
    private static ReadOnlySpan<byte> NewLine => "\n"u8;

    private readonly FileStream file;

    private GrowingFile(FileStream file) => this.file = file;

    /// <summary>Opens a file.</summary>
    /// <param name="path">A file, or a name under which there is none yet.</param>
    /// <param name="mode">Whether it may be there already.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="UserException">What is there is no file.</exception>
    /// <exception cref="IOException">It cannot be opened, or another process keeps it for itself.</exception>
    public static GrowingFile Open(string path, FileMode mode, FileShare share)
    {
        RegularFile.MustBe(path);
        // Without a buffer: what could not be written would be tried again by whoever closes the file.
        return new(new(path, mode, FileAccess.ReadWrite, share, bufferSize: 0));
    }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => file.Length == 0;

    /// <summary>Half a last line goes; a whole one that lacks but its end gets it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void MendLastLine()
    {
        var end = JsonLines.EndOfWholeLines(file);
        if (end > file.Length) Add(NewLine);
        else file.SetLength(end);
    }

    /// <summary>Adds bytes, handed to the system at once: what a killed process wrote stays.</summary>
    /// <param name="bytes">What comes to the end.</param>
    /// <param name="toDisk">Whether it is on the disk when this returns.</param>
    /// <exception cref="IOException">The file cannot be written: it is named, and as it was.</exception>
    public void Add(ReadOnlySpan<byte> bytes, bool toDisk = false)
    {
        var end = file.Length;
        try
        {
            file.Seek(end, SeekOrigin.Begin);
            file.Write(bytes);
            file.Flush(toDisk);
        }
        catch (Exception e) when (WriteFailure.Is(e))
        {
            file.SetLength(end);
            throw WriteFailure.Of(file.Name, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
