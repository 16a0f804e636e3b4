namespace DataSsl.Generator.Tests;

/// <summary>A space file that uses all of the language: what mutants are made of.</summary>
internal static class RichSpace
{
    public const string Text = """
        space: Rich
        family: resnet-bottleneck
        summary: 'All of the language, "quoted" \ and <escaped>.'
        input: { channels: 3, size: { from: 32, to: 64, step: 32 } }
        stem: { width: [8, 16] }
        stages:
          - { width: { from: 4, to: 16, step: 4 }, depth: { from: 1, to: 2 } }
          - { stride: 2, width: { from: 4, to: 16, step: 4 }, depth: [1, 2] }
        constraints:
          - width non-decreasing
          - stage1.depth <= stage2.depth
          - stem.width != 12
        budgets:
          small: <=20M
          large: params=1-90K
        anchors:
          Half: { width: [8, 4, 6], depth: [2, 1] }
        """;
}
