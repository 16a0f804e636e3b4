namespace DataSsl.EndToEnd;

/// <summary>
/// The command as <c>dotnet publish -r SYSTEM</c> makes it for systems that are not this one, and a pure class for one that libtorch is not
/// built for. They are not run: what is told is that each has its own system's libraries, and no other's.
/// </summary>
public sealed class PublishTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-publish-");

    public void Dispose() => folder.Delete(recursive: true);

    [SkippableFact]
    public void The_command_is_published_for_every_system_of_libtorch()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the others are published from Linux");
        Published("win-x64", "LibTorchSharp.dll", "torch_cpu.dll", "onnxruntime.dll", "datassl.exe");
        Published("win-arm64", "LibTorchSharp.dll", "torch_cpu.dll", "onnxruntime.dll", "datassl.dll");
        Published("osx-arm64", "libLibTorchSharp.dylib", "libtorch_cpu.dylib", "libonnxruntime.dylib", "datassl");
        var none = Publish("linux-arm64");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("error : linux-arm64: TorchSharp has libtorch for linux-x64, win-x64, win-arm64 and osx-arm64 alone", none.Output);
    }

    private void Published(string system, params string[] own)
    {
        Publish(system).Succeeded();
        var files = Directory.GetFiles(Path.Combine(folder.FullName, system)).Select(file => Path.GetFileName(file)).ToList();
        Assert.Subset(files.ToHashSet(), own.ToHashSet());
        var libraries = files.Select(Path.GetExtension).Intersect([".so", ".dylib"]);
        Assert.Equal(system.StartsWith("osx", StringComparison.Ordinal) ? [".dylib"] : [], libraries);
        // 120 MB and more a system, as restored; libtorch's are the larger part.
        Directory.Delete(Path.Combine(folder.FullName, system), recursive: true);
    }

    /// <summary>Elsewhere, so that the checkout and what is built in it stay as they are.</summary>
    private EmitProgram.Result Publish(string system) => EmitProgram.Sdk(
        EmitProgram.Root, "publish", Path.Combine("src", "Cli"), "-c", "Release", "-r", system, "--self-contained", "false", "-v", "quiet",
        "--disable-build-servers", "--artifacts-path", Path.Combine(folder.FullName, "artifacts"), "-o",
        Path.Combine(folder.FullName, system),
        // The launcher for Windows on Arm is a package of its own, which not every registry serves; 'dotnet datassl.dll' starts as well.
        $"-p:UseAppHost={system != "win-arm64"}", "-p:RestorePackagesWithLockFile=false");
}
