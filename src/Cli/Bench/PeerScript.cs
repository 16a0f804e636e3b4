using DataSsl.Runtime;

namespace DataSsl.Cli.Bench;

/// <summary>The PyTorch programs that a checkout has in <c>benchmarks/peers</c>.</summary>
internal static class PeerScript
{
    /// <summary>The Python that PyTorch belongs to: what <c>DATASSL_PYTHON</c> names, otherwise the one that Debian's packages are for.</summary>
    public static string Python { get; } = Environment.GetEnvironmentVariable("DATASSL_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";

    /// <summary>The path of one of them; a <see cref="UserException"/> outside a checkout, or without that Python.</summary>
    public static string Find(string name)
    {
        if (!File.Exists(Python)) throw new UserException($"bench compares with PyTorch under {Python}, which is missing; on Debian: apt-get install python3-torch python3-torchvision; elsewhere name a Python in DATASSL_PYTHON");
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, "benchmarks", "peers", name) is var path && File.Exists(path))
                return path;
        throw new UserException("bench compares with the scripts in benchmarks/peers: run it from a checkout");
    }
}
