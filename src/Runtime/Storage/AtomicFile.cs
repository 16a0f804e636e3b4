namespace DataSsl.Runtime.Storage;

/// <summary>Writes a file whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a neighbour, flushes it to the disk and renames it over the target; what was there stays when writing fails.
    /// </summary>
    /// <param name="path">The target; a link there is replaced, not followed.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="keep">Where a file that is there already goes, instead of being replaced.</param>
    public static void Write(string path, Action<Stream> write, string? keep = null)
    {
        var beside = $"{path}.partial";
        var file = Create(path, beside);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            // Replace links the old file under its other name before the rename: there is a file under the target's name at every moment.
            if (keep is not null && File.Exists(path)) File.Replace(beside, path, keep);
            else File.Move(beside, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(beside);
            if (WriteFailure.Is(e)) throw WriteFailure.Of(path, e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// The neighbour, made anew: what is there under its name already is never opened for writing, so that a link there leads nowhere.
    /// </summary>
    private static FileStream Create(string path, string beside)
    {
        for (var attempts = 3; ; attempts--)
        {
            try
            {
                return new(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (attempts > 0 && IsThere(beside))
            {
                RemoveLeftover(path, beside);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw WriteFailure.Of(path, e);
            }
        }
    }

    /// <summary>What a killed process left behind; a living one holds its file.</summary>
    private static void RemoveLeftover(string path, string beside)
    {
        try
        {
            // Of a link only the link goes.
            if (new FileInfo(beside).LinkTarget is null)
                using (new FileStream(beside, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }
            File.Delete(beside);
        }
        catch (FileNotFoundException)
        {
            // Its writer has finished.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written: {beside} is in the way, or another process writes it at this moment ({e.Message})", e);
        }
    }

    private static bool IsThere(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
