namespace DataSsl.Search.Emit;

/// <summary>
/// Files of a class that take their places in a folder together: all of them, or, where one cannot, none, and then what was there before is
/// there again. What is replaced is kept beside until all are in their places; a killed process leaves it there, in <c>CLASS.earlier</c>,
/// and the next <see cref="Stage"/> of the class puts it back.
/// </summary>
/// <param name="folder">Where the files go.</param>
/// <param name="className">The class.</param>
internal sealed class Publication(string folder, string className)
{
    /// <summary>Behind the name of a file that there was none of before.</summary>
    private const string None = ".none";

    /// <summary>Called after each file that took its place; tests fail here.</summary>
    internal Action<string>? AfterFile { get; init; }

    /// <summary>Where files wait until they are proven.</summary>
    public string Unproven => Path.Combine(folder, className + ".unproven");

    private string Earlier => Path.Combine(folder, className + ".earlier");

    /// <summary>
    /// An empty <see cref="Unproven"/>: what an earlier process left there, or somebody else put there, is proven by nobody.
    /// </summary>
    public void Stage()
    {
        TakeBack();
        Remove(Unproven);
        MakeOwn(Unproven);
    }

    /// <summary>Gives the files their places; <see cref="Commit"/> or <see cref="TakeBack"/> follows.</summary>
    /// <param name="files">Names in <see cref="Unproven"/> of what is proven.</param>
    /// <param name="withdrawn">Names in the folder of what is no longer: forms of the class that was, which the one that takes its place
    /// could not be proven to have.</param>
    public void Place(IEnumerable<string> files, IEnumerable<string> withdrawn)
    {
        MakeOwn(Earlier);
        foreach (var name in files)
        {
            var target = Path.Combine(folder, name);
            // Replace keeps the old file before the new one takes its place: there is one at every moment.
            if (File.Exists(target)) File.Replace(Path.Combine(Unproven, name), target, Path.Combine(Earlier, name));
            else
            {
                File.WriteAllText(Path.Combine(Earlier, name + None), "");
                File.Move(Path.Combine(Unproven, name), target);
            }
            AfterFile?.Invoke(name);
        }
        foreach (var name in withdrawn.Where(name => File.Exists(Path.Combine(folder, name))))
            File.Move(Path.Combine(folder, name), Path.Combine(Earlier, name));
    }

    /// <summary>Lets go of what was replaced.</summary>
    public void Commit()
    {
        Remove(Unproven);
        // One rename: from here on there is nothing to put back, wherever the process ends.
        Directory.Move(Earlier, Unproven);
        Remove(Unproven);
    }

    /// <summary>What was there before is there again.</summary>
    public void TakeBack()
    {
        if (!Directory.Exists(Earlier) || IsLink(Earlier)) return;
        foreach (var file in Directory.GetFiles(Earlier))
        {
            var name = Path.GetFileName(file);
            if (!name.EndsWith(None, StringComparison.Ordinal)) File.Move(file, Path.Combine(folder, name), overwrite: true);
            else if (Path.Combine(folder, name[..^None.Length]) is var added && File.Exists(added)) File.Delete(added);
        }
        Remove(Earlier);
    }

    /// <summary>Removes what waits.</summary>
    public void Discard() => Remove(Unproven);

    /// <summary>A new folder that nobody else writes to.</summary>
    private static void MakeOwn(string path)
    {
        Remove(path);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Of a link only the link goes.</summary>
    private static void Remove(string path)
    {
        if (IsLink(path) || File.Exists(path)) File.Delete(path);
        else if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
