using DataSsl.Search.Report;

namespace DataSsl.Search.Tests.Report;

public class PageScriptTests
{
    [Fact]
    public void AModuleStandsOnceAndAfterThoseThatItImports()
    {
        var script = Join(new()
        {
            ["main.js"] = "import { left, Right } from './both.js';\nimport { base } from './base.js';\nleft(base);\n",
            ["both.js"] = "import { base } from './base.js';\nexport const left = x => x + base;\nexport class Right {}\nconst own = 1;\n",
            ["base.js"] = "export const base = 1;\n",
        });

        Assert.Equal(
            """

            const $base = (() => {
            const base = 1;
            return {base};
            })();

            const $both = (() => {
            const { base } = $base;
            const left = x => x + base;
            class Right {}
            const own = 1;
            return {left, Right};
            })();

            const $main = (() => {
            const { left, Right } = $both;
            const { base } = $base;
            left(base);
            return {};
            })();

            """.Replace("$", "$$").ReplaceLineEndings("\n"),
            script);
    }

    [Theory]
    [InlineData("export default 1;\n")]
    [InlineData("export { a };\n")]
    [InlineData("import * as all from './base.js';\n")]
    [InlineData("import './base.js';\n")]
    [InlineData("import {\n  a,\n} from './base.js';\n")]
    public void OtherFormsAreRefused(string text) =>
        Assert.Contains("main.js", Assert.Throws<InvalidOperationException>(() => Join(new() { ["main.js"] = text })).Message);

    [Fact]
    public void ACircleIsRefused() =>
        Assert.Contains("a.js -> b.js -> a.js", Assert.Throws<InvalidOperationException>(() => Join(new()
        {
            ["main.js"] = "import { a } from './a.js';\n",
            ["a.js"] = "import { b } from './b.js';\nexport const a = 1;\n",
            ["b.js"] = "import { a } from './a.js';\nexport const b = 1;\n",
        })).Message);

    private static string Join(Dictionary<string, string> modules) => new PageScript(name => modules[name]).Join("main.js");
}
