using System.Buffers.Binary;
using DataSsl.Cli.Tests;
using DataSsl.Runtime.Storage;

namespace DataSsl.Fuzz;

/// <summary>Weights for every loader: those of the emitted classes, and the program's own.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class WeightsTests(TrainedRun run)
{
    private static EmittedLoaders? loaders;

    /// <summary>Emitted and compiled once for all tests.</summary>
    private EmittedLoaders Loaders => loaders ??= new(run);

    /// <summary>Whatever happened to a file of ours, no loader gives other numbers for it than were written.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_weights_of_ours_are_refused_or_whole(bool half)
    {
        var loaders = Loaders;
        var (original, file, refused) = (File.ReadAllBytes(half ? loaders.Half : loaders.Weights), run.File("fuzz.safetensors"), 0);
        File.WriteAllBytes(file, original);
        var expected = loaders.All.Select(loader => loader.Load(file)).ToList();
        for (var seed = 0; seed < Mutation.Rounds(40); seed++)
        {
            File.WriteAllBytes(file, Mutation.Of(original, seed));
            foreach (var ((name, load), right) in loaders.All.Zip(expected))
            {
                var (read, why) = Refusal.Of($"{name}, half {half}, seed {seed}", file, () => load(file));
                if (why is null)
                    Assert.True(right.AsSpan().SequenceEqual(read), $"{name}, half {half}, seed {seed}: damage was loaded as weights");
                else refused++;
            }
            var (_, said) = Refusal.Of($"program, half {half}, seed {seed}", file, () =>
            {
                SafeTensors.Verify(file);
                return true;
            });
            Assert.True(
                said is not null || original.AsSpan().SequenceEqual(File.ReadAllBytes(file)),
                $"program, half {half}, seed {seed}: damage was not seen");
        }
        Assert.True(refused > 0, "no damage was seen");
    }

    /// <summary>
    /// A file of another writer has no checksum: its header alone says what is where. All loaders come to the same verdict, and none reads
    /// beyond its place.
    /// </summary>
    [Fact]
    public void Damaged_headers_of_other_writers_are_read_alike_by_all()
    {
        var loaders = Loaders;
        var file = run.File("foreign.safetensors");
        File.Copy(loaders.Weights, file, overwrite: true);
        Foreign.Rewrite(file);
        var original = File.ReadAllBytes(file);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        Assert.All(loaders.All, loader => loader.Load(file));
        var refused = 0;
        for (var seed = 0; seed < Mutation.Rounds(40); seed++)
        {
            Foreign.Write(file, Mutation.Of(original[8..(8 + length)], seed), original.AsSpan(8 + length));
            var verdicts = loaders.All.Select(
                    loader => Refusal.Of($"{loader.Name}, foreign, seed {seed}", file, () => loader.Load(file)).Refused)
                .ToList();
            Assert.True(
                verdicts.All(v => v is null) || verdicts.All(v => v is not null),
                $"seed {seed}: {string.Join(" | ", verdicts.Select(v => v ?? "read"))}");
            if (verdicts[0] is not null) refused++;
        }
        Assert.True(refused > 0, "no damage was seen");
    }

    /// <summary>What is no file, in the place of one: every loader refuses it alike, and none waits for it.</summary>
    [SkippableTheory]
    [InlineData("folder")]
    [InlineData("pipe")]
    [InlineData("link to a pipe")]
    [InlineData("link to a device")]
    [InlineData("link to a folder")]
    [InlineData("empty")]
    public void What_is_no_file_is_refused_alike_by_all(string what)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes and devices are made by Linux's means");
        var (path, target) = (run.File($"odd {what}.safetensors"), run.File($"odd {what}.target"));
        switch (what)
        {
            case "folder": Directory.CreateDirectory(path); break;
            case "pipe": Pipe(path); break;
            case "empty": File.WriteAllBytes(path, []); break;
            case "link to a pipe":
                Pipe(target);
                File.CreateSymbolicLink(path, target);
                break;
            case "link to a folder":
                Directory.CreateDirectory(target);
                File.CreateSymbolicLink(path, target);
                break;
            default: File.CreateSymbolicLink(path, "/dev/zero"); break;
        }
        foreach (var (name, load) in Loaders.All)
        {
            var loading = Task.Run(() => Refusal.Of($"{name}, {what}", path, () => load(path)));
            Assert.True(loading.Wait(TimeSpan.FromSeconds(20)), $"{name} waits for {what}");
            Assert.NotNull(loading.Result.Refused);
        }

        static void Pipe(string at)
        {
            using var make = System.Diagnostics.Process.Start("mkfifo", [at]);
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }
    }
}
