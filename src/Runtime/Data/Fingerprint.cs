using System.Security.Cryptography;
using System.Text;

namespace DataSsl.Runtime.Data;

/// <summary>Identifies a set of files by name and content.</summary>
internal static class Fingerprint
{
    /// <summary>SHA-256 of the lines "content hash, two spaces, relative name" (what <c>sha256sum</c> prints), in the order given.</summary>
    public static string Of(IReadOnlyList<string> names, IReadOnlyList<string> paths)
    {
        var hashes = new string[paths.Count];
        Workers.For(paths.Count, Environment.ProcessorCount, i => hashes[i] = OfFile(paths[i]));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < hashes.Length; i++) hash.AppendData(Encoding.UTF8.GetBytes($"{hashes[i]}  {names[i]}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string OfFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the image '{path}': {e.Message}", e);
        }
    }
}
