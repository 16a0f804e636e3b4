using System.Text.Json.Nodes;
using DataSsl.Demo;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>
/// What every verb does with images that cannot be read, are there twice, or are not those that were meant: it is told before the work, and
/// ends none.
/// </summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ImageReadingTests(TrainedRun run)
{
    /// <summary>
    /// A missing file, a link to nowhere, a damaged image: named, skipped and counted, with a cache and without; the fingerprint at the end
    /// is of the same reader.
    /// </summary>
    [Fact]
    public void WhatIsSkippedEndsNoVerb()
    {
        var data = Labelled();
        File.CreateSymbolicLink(Path.Combine(data, "a", "dangling.png"), "/nonexistent");
        File.WriteAllBytes(Path.Combine(data, "b", "damaged.jpg"), [0xFF, 0xD8, 0xFF, 0]);
        var (trained, cache, searched) = (run.NewFolder(), run.NewFolder(), run.NewFolder());
        string[][] verbs =
        [
            ["train", "--space", "Demo", "--data", data, "--epochs", "1", "--batch", "4", "--size", "32", "--out", trained],
            [
                "train", "--space", "Demo", "--data", data, "--epochs", "1", "--batch", "4", "--size", "32", "--cache", cache, "--out",
                run.NewFolder(),
            ],
            [
                "train", "--space", "Demo", "--data", data, "--epochs", "1", "--batch", "4", "--size", "32", "--cache", cache, "--out",
                run.NewFolder(),
            ],
            ["train", "--resume", "--out", trained],
            ["plan", "--space", "Demo", "--data", data, "--epochs", "1", "--batch", "4", "--size", "32", "--probe", "0"],
            [
                "search", "--checkpoint", run.Run, "--data", data, "--budgets", "2-3M", "--candidates", "2", "--images", "64", "--size",
                "32", "--out", searched,
            ],
            ["emit", "--checkpoint", run.Run, "--data", data, "--arch", "Min", "--size", "32", "--out", run.NewFolder()],
            ["evaluate", "knn", "--random", "--space", "Demo", "--arch", "Min", "--data", data, "--size", "32"],
            [
                "evaluate", "finetune", "--random", "--space", "Demo", "--arch", "Min", "--data", data, "--size", "32", "--epochs", "1",
                "--batch", "4",
            ],
        ];
        foreach (var verb in verbs)
        {
            var error = Command.Succeed(verb).Error;
            Assert.Equal(2, error.Split('\n').Count(line => line.StartsWith("skipped: cannot read the image '", StringComparison.Ordinal)));
            Assert.Contains(", 2 unreadable skipped\n", error, StringComparison.Ordinal);
        }
    }

    /// <summary>Copies of an image are told, within a set and between those that are learnt from and tested on.</summary>
    [Fact]
    public void CopiesAreTold()
    {
        var (data, test) = (Labelled(), run.NewFolder());
        foreach (var name in new[] { "a/0.png", "b/1.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(test, name))!);
            File.Copy(Path.Combine(data, name), Path.Combine(test, name.Replace(".png", "-again.png", StringComparison.Ordinal)));
        }
        string[] knn = ["evaluate", "knn", "--random", "--space", "Demo", "--arch", "Min", "--size", "32", "--data", data, "--test", test];
        Assert.Equal($"--test {test}: holds the images of --data; give others, or leave --test away", Command.Refuse(knn));
        ImageFile.Save(Path.Combine(test, "a", "own.png"), DemoSet.Plan(40)[^1].Render());
        var other = Directory.GetFiles(Path.Combine(data, "b")).First(file => Path.GetFileName(file) != "1.png");
        ImageFile.Save(Path.Combine(test, "b", "stored.jpg"), ImageFile.Load(other), quality: 60);
        var told =
            $"--test {test}: 3 images of 4 are in --data too (2 byte by byte, 1 stored again, mirrored or cut), the first: 'a/0-again.png' of 'a/0.png'; accuracy on them flatters: train on the list that this writes: datassl data check --data {data} --test {test} --out checked\n";
        var evaluated = Command.Succeed([.. knn, "--json"]);
        Assert.Contains(told, evaluated.Error, StringComparison.Ordinal);
        MustCount(evaluated.Json["data"]!["leaks"]!);
        var trained = Command.Succeed(
            "train", "--space", "Demo", "--data", data, "--test", test, "--epochs", "1", "--batch", "4", "--size", "32", "--evaluate-every",
            "1", "--out", run.NewFolder(), "--json");
        Assert.Contains(told, trained.Error, StringComparison.Ordinal);
        MustCount(trained.Json["leaks"]!);
        // What the line says to do mends it.
        var mended = run.NewFolder();
        Command.Succeed("data", "check", "--data", data, "--test", test, "--out", mended);
        var clean = Command.Succeed([.. knn[..^4], "--data", Path.Combine(mended, "clean.txt"), "--test", test]);
        Assert.DoesNotContain("data check", clean.Error, StringComparison.Ordinal);
        File.Copy(Path.Combine(data, "a", "0.png"), Path.Combine(data, "b", "copy.png"));
        Assert.Contains(
            $"{data}: 1 is a copy of others in it, the first: 'b/copy.png' of 'a/0.png'; 1 of them under another class\n",
            Command.Succeed(knn[..^2]).Error, StringComparison.Ordinal);

        static void MustCount(JsonNode leaks) =>
            Assert.Equal((2, 1, 2), ((int)leaks["exact"]!, (int)leaks["near"]!, (int)leaks["lookedFor"]!));
    }

    [Fact]
    public void AStrayImageThatHidesTheClassesIsNamed()
    {
        var data = Labelled();
        File.Copy(Path.Combine(data, "a", "0.png"), Path.Combine(data, "stray.png"));
        Assert.Equal(
            $"--data {data}: has no classes, since 'stray.png' lies beside the folders that would be its 2 classes; give one sub-folder a class, or a list with a class behind each path",
            Command.Refuse("evaluate", "knn", "--random", "--space", "Demo", "--data", data));
    }

    /// <summary>A run and a search began with relative paths; what comes after is started elsewhere.</summary>
    [Fact]
    public void RelativePathsAreGoodInOtherFolders()
    {
        var (home, data) = (Directory.CreateDirectory(run.NewFolder()).FullName, Labelled());
        Directory.Move(data, Path.Combine(home, "images"));
        var here = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(home);
            Command.Succeed(
                "train", "--space", "Demo", "--data", "images", "--epochs", "1", "--batch", "4", "--size", "32", "--out", "run");
            Command.Succeed(
                "search", "--checkpoint", "run", "--data", "images", "--budgets", "2-3M", "--candidates", "2", "--images", "8", "--size",
                "32", "--out", "search");
        }
        finally
        {
            Directory.SetCurrentDirectory(here);
        }
        Command.Succeed("emit", "--checkpoint", Path.Combine(home, "run"), "--arch", "Min", "--out", run.NewFolder());
        Command.Succeed("emit", "--search", Path.Combine(home, "search", "search.json"), "--out", run.NewFolder());
        Command.Succeed("train", "--resume", "--out", Path.Combine(home, "run"));
    }

    /// <summary>The name of a file may hold the end of a line and a terminal's commands.</summary>
    [Fact]
    public void NamesOfFilesAddNoLine()
    {
        var data = Labelled();
        File.WriteAllBytes(Path.Combine(data, "a", "one\ntwo\u001b[31m\u202e.png"), [1]);
        var odd = run.NewFolder() + "\nno such";
        var error = Command.Succeed(
            "evaluate", "knn", "--random", "--space", "Demo", "--arch", "Min", "--data", data, "--size", "32").Error;
        Assert.Contains(@$"skipped: cannot read the image '{data}/a/one\ntwo\u001b[31m\u202e.png': ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[31m", error, StringComparison.Ordinal);
        Assert.Equal(
            $"the image folder '{odd.Replace("\n", "\\n", StringComparison.Ordinal)}' does not exist",
            Command.Refuse("evaluate", "knn", "--random", "--space", "Demo", "--data", odd));
    }

    /// <summary>What decoding may take is part of what the search may take.</summary>
    [Fact]
    public void ImagesThatNeedMoreThanTheSearchMayTakeAreSkipped()
    {
        var data = Labelled();
        // 63 million pixels in a few hundred kilobytes.
        ImageFile.Save(Path.Combine(data, "a", "large.png"), new(9_000, 7_000, new byte[189_000_000]));
        // What the tests before have taken of this process is no longer free.
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var memory = FormattableString.Invariant($"{(process.WorkingSet64 >> 20) + 400}M");
        var error = Command.Succeed(
            "search", "--checkpoint", run.Run, "--data", data, "--budgets", "2-3M", "--candidates", "2", "--images", "64", "--size", "32",
            "--memory", memory, "--out", run.NewFolder()).Error;
        Assert.Matches(
            @$"skipped: cannot read the image '{data}/a/large\.png': needs \d+ MiB to decode, more than the \d+ MiB that there are for it\n",
            error);
    }

    [SkippableFact]
    public void APipeInThePlaceOfAFileIsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "made by Linux's means");
        var pipe = run.NewFolder();
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe)) make.WaitForExit();
        foreach (var option in new[] { "--data", "--checkpoint", "--list", "--space-file" })
            Assert.Equal(
                $"{pipe}: a named pipe, not a file or folder",
                Command.Refuse(
                    [
                        .. new[]
                        {
                            "search",
                            "--budgets",
                            "2-3M",
                            "--data",
                            run.Data,
                            "--checkpoint",
                            run.Run,
                            "--out",
                            run.NewFolder(),
                        }.TakeWhile(word => word != option),
                        option, pipe,
                    ]));
    }

    /// <summary>Painted images of two classes, six of each.</summary>
    private string Labelled()
    {
        var folder = run.NewFolder();
        foreach (var entry in DemoSet.Plan(40).Take(12))
        {
            var home = Directory.CreateDirectory(Path.Combine(folder, entry.Index % 2 == 0 ? "a" : "b"));
            ImageFile.Save(
                Path.Combine(home.FullName, $"{Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories).Length}.png"),
                entry.Render());
        }
        return folder;
    }
}
