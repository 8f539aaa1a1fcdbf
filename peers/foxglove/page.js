// Starts Foxglove Studio as its web version does, with a layout of ours. The address has the data source.

const settings = new Map([
  ["colorScheme", "dark"],
  ["timezone", "UTC"],
  ["launchPreference", "web"],
  ["hideSignInPrompt", true],
  ["ui.open-dialog-startup", false],
]);

const configuration = {
  get: (key) => settings.get(key),
  set: async (key, value) => void settings.set(key, value),
  addChangeListener() {},
  removeChangeListener() {},
};

/** Layouts in memory: the one that the picture shows, and what Studio makes of it. */
class Layouts {
  all = new Map();

  constructor(data) {
    const baseline = { data, savedAt: new Date().toISOString() };
    this.all.set("winshm", { id: "winshm", name: "winshm", permission: "CREATOR_WRITE", baseline });
  }

  list = async () => [...this.all.values()];
  get = async (_, id) => this.all.get(id);
  put = async (_, layout) => (this.all.set(layout.id, layout), layout);
  delete = async (_, id) => void this.all.delete(id);
  importLayouts = async () => {};
}

async function main() {
  const layout = await (await fetch("layout.json")).json();
  await initI18n();
  const properties = {
    deepLinks: [location.href],
    dataSources: [new FoxgloveWebSocketDataSourceFactory()],
    appConfiguration: configuration,
    layoutStorage: new Layouts(layout),
    extensionLoaders: [],
    enableGlobalCss: true,
  };
  ReactDOM.render(React.createElement(App, properties), document.getElementById("root"));
}

main().catch((error) => {
  document.title = `failed: ${error}`;
  console.error(error);
});
