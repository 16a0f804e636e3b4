using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DataSsl.Torch.Tests;

/// <summary>
/// The build step, over the libraries as TorchSharp's package brings them: read from the archive, as nobody can have touched that.
/// </summary>
public sealed class MendTorchSharpTests
{
    private static readonly byte[] Original = Packed("runtimes/linux-x64/native/libLibTorchSharp.so");

    private const string Managed = "lib/net8.0/TorchSharp.dll";

    [Fact]
    public void TheOneNeedBecomesWeakAndNothingElseChanges()
    {
        var file = Original.ToArray();

        Assert.Equal(1, MendTorchSharp.RelaxVersion(file));

        var changed = Enumerable.Range(0, file.Length).Where(i => file[i] != Original[i]).ToList();
        var at = Assert.Single(changed);
        Assert.Equal(Original[at] | 2, file[at]);
        Assert.Equal(0, MendTorchSharp.RelaxVersion(file));
    }

    [Fact]
    public void ItsMethodsMayNotBeOptimisedAndNothingElseChanges()
    {
        var original = Packed(Managed);
        var file = original.ToArray();
        Assert.Equal(DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints, Modes(file));

        Assert.Equal(1, MendTorchSharp.KeepArguments(file));

        Assert.Equal(
            DebuggableAttribute.DebuggingModes.Default | DebuggableAttribute.DebuggingModes.DisableOptimizations
                | DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints, Modes(file));
        Assert.Equal(2, Enumerable.Range(0, file.Length).Count(i => file[i] != original[i]));
        Assert.Equal(0, MendTorchSharp.KeepArguments(file));
        Assert.Equal(0, MendTorchSharp.KeepArguments([.. original, 8, 1, 0, 2, 0, 0, 0, 0, 0]));
        Assert.Equal(0, MendTorchSharp.KeepArguments(Original.ToArray()));
        // What runs here is mended.
        Assert.Equal(Modes(file), Modes(File.ReadAllBytes(typeof(TorchSharp.torch).Assembly.Location)));
    }

    /// <summary>
    /// A number that an operator takes stays until libtorch has read it, however often is collected: without the mend several in ten
    /// thousand collections lose one.
    /// </summary>
    [Fact]
    public void ACollectionFreesNoNumberThatLibtorchReads()
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var collector = new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Yield();
            }
        });
        collector.Start();
        using var x = TorchSharp.torch.zeros(4);
        while (!end.IsCancellationRequested)
        {
            x.fill_(1.5);
            Assert.Equal(1.5f, x.data<float>()[0]);
        }
        collector.Join();
    }

    private static DebuggableAttribute.DebuggingModes Modes(byte[] file)
    {
        using var reader = new PEReader(new MemoryStream(file));
        var metadata = reader.GetMetadataReader();
        var attribute = metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute)
            .Single(
                a =>
                    a.Constructor.Kind == HandleKind.MemberReference
                        && metadata.GetMemberReference((MemberReferenceHandle)a.Constructor).Parent is var parent
                && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == nameof(DebuggableAttribute));
        var value = metadata.GetBlobReader(attribute.Value);
        Assert.Equal(1, value.ReadUInt16());
        return (DebuggableAttribute.DebuggingModes)value.ReadInt32();
    }

    [Fact]
    public void OtherFilesStayAsTheyAre()
    {
        var narrow = Original.ToArray();
        narrow[4] = 1;
        var bigEndian = Original.ToArray();
        bigEndian[5] = 2;
        foreach (var file in
            new[]
            {
                [],
                "\u007fELF"u8.ToArray(),
                new byte[4096],
                narrow,
                bigEndian,
                "MZ, a library of Windows, and so on and so on and so on and so on and so on"u8.ToArray(),
            })
        {
            var before = file.ToArray();
            Assert.Equal(0, MendTorchSharp.RelaxVersion(file));
            Assert.Equal(before, file);
        }
    }

    /// <summary>A program's file is a link to the package's where the file system has links.</summary>
    [Fact]
    public void AFileThatIsALinkIsReplacedAndTheOtherEndKept()
    {
        var folder = Directory.CreateTempSubdirectory("datassl-relax").FullName;
        try
        {
            var (package, program) = (Path.Combine(folder, "package.so"), Path.Combine(folder, "program.so"));
            File.WriteAllBytes(package, Original);
            var written = new DateTime(2026, 5, 7, 10, 3, 28, DateTimeKind.Utc);
            File.SetLastWriteTimeUtc(package, written);
            if (OperatingSystem.IsWindows()) File.Copy(package, program);
            else Process.Start("ln", [package, program]).WaitForExit();
            Assert.True(Run(program));

            Assert.Equal(Original, File.ReadAllBytes(package));
            Assert.Equal(0, MendTorchSharp.RelaxVersion(File.ReadAllBytes(program)));
            Assert.NotEqual(Original, File.ReadAllBytes(program));
            // The same date: a build that compares dates has nothing to copy again.
            Assert.Equal(written, File.GetLastWriteTimeUtc(program));
            Assert.Equal(["package.so", "program.so"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            if (!OperatingSystem.IsWindows()) Assert.Equal(File.GetUnixFileMode(package), File.GetUnixFileMode(program));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Run(string path) =>
        new MendTorchSharp
        {
            Files = [new Microsoft.Build.Utilities.TaskItem(path), new Microsoft.Build.Utilities.TaskItem(path + ".missing")],
        }.Execute();

    private static byte[] Packed(string name)
    {
        var package = typeof(MendTorchSharpTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "TorchSharpPackage").Value!;
        using var archive = ZipFile.OpenRead(Directory.GetFiles(package, "*.nupkg").Single());
        using var entry = archive.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }
}
