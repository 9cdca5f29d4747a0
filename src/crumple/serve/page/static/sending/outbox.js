// Photos that the service has not yet acknowledged, kept in IndexedDB: a reload or a closed tab loses none.

const DATABASE = "crumple", STORE = "outbox";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Keep a photo: {key, inspection, name, file}. False where the browser keeps nothing (a private window, a full disk). */
export async function keep(item) {
  try {
    await run("readwrite", (store) => store.put(item));
    return true;
  } catch {
    return false;
  }
}

export async function forget(key) {
  await run("readwrite", (store) => store.delete(key)).catch(() => {});
}

/** What an earlier visit left unsent for an inspection. */
export async function kept(inspection) {
  const items = await run("readonly", (store) => store.getAll()).catch(() => []);
  return items.filter((item) => item.inspection === inspection);
}
