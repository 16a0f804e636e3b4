using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Text;
using DataSsl.Cli.Terminal;
using DataSsl.Generator;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Networks;

namespace DataSsl.Cli.Shared;

/// <summary>
/// Compiles a space file without a project, as the build would. The compiled space is kept by the content of its source in the user's cache
/// folder, so that only the first of many commands over one file waits for the compiler; a damaged or unwritable cache costs that time and
/// nothing else.
/// </summary>
internal static class SpaceFileCompiler
{
    /// <summary>Reads, compiles and loads a space; a <see cref="UserException"/> lists what is wrong with the file.</summary>
    public static SearchSpace Load(string path)
    {
        var parsed = SpaceCompiler.Parse(
            path, RegularFile.ReadGiven(path, missing: "no such file; give a *.space.yaml file to --space-file"));
        if (parsed.Space is not { } space) throw Output.FirstOf(parsed.Diagnostics);
        var source = SpaceCompiler.EmitSupernet(space);
        var cached = CachePath(source);
        if (Read(cached) is not { } image)
        {
            image = InMemoryCompiler.Image("DataSslSpaceFile", [source], InMemoryCompiler.UnderSupernets);
            Write(cached, image);
        }
        using var stream = new MemoryStream(image);
        var assembly = new AssemblyLoadContext(space.Name, isCollectible: false).LoadFromStream(stream);
        return (SearchSpace)assembly.GetType(
            $"{space.Namespace}.{space.Name}",
            throwOnError: true)!.GetProperty("Space", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
    }

    /// <summary>The source decides, and what it is compiled against.</summary>
    private static string CachePath(string source)
    {
        var key = SHA256.HashData(
            Encoding.UTF8.GetBytes(
                $"{string.Concat(InMemoryCompiler.UnderSupernets.Select(a => a.ManifestModule.ModuleVersionId))}\n{source}"));
        var folder = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(folder, "datassl", "spaces", $"{Convert.ToHexStringLower(key)[..32]}.bin");
    }

    /// <summary>An image behind its own hash, or null where there is none or it is not what was written.</summary>
    private static byte[]? Read(string path)
    {
        try
        {
            using var file = RegularFile.OpenStream(path);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes.Length > SHA256.HashSizeInBytes
                && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))
                ? bytes[SHA256.HashSizeInBytes..] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string path, byte[] image)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, file => file.Write([.. SHA256.HashData(image), .. image]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next command compiles again.
        }
    }
}
